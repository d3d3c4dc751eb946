import { BrowserWindow, nativeTheme, screen, type NativeImage } from 'electron';
import { SealaneError } from '../../shared/errors.ts';
import { logError } from './log.ts';
import { pushToPage } from './ipc-main.ts';
import { PAGE_URL } from './page-files.ts';
import { fitSize, MIN_HEIGHT, MIN_WIDTH, placeOn, type WindowMemory } from './window-memory.ts';

/** The page's own ground (`--water` in its tokens), so that nothing flashes up before it is drawn. */
const GROUND = { light: '#f3f7f7', dark: '#101d23' } as const;

/** A page that crashes again within this time, in milliseconds, is left alone. */
const RELOAD_PAUSE_MS = 30_000;

export interface WindowOptions {
  readonly preload: string;
  readonly memory: WindowMemory;
  readonly icon: NativeImage;
  readonly development: boolean;
}

function ground(): string {
  return nativeTheme.shouldUseDarkColors ? GROUND.dark : GROUND.light;
}

function reloadAfterCrash(window: BrowserWindow): void {
  let last = Number.NEGATIVE_INFINITY;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    logError('page', new SealaneError('internal', { detail: reason }));
    if (reason === 'clean-exit' || performance.now() - last < RELOAD_PAUSE_MS) return;
    last = performance.now();
    // Transfers live in this process and go on; the page asks for everything anew.
    window.webContents.reload();
  });
}

/** Opens the one window and starts loading the page at once. The page has no Node, no other world's objects, no way out. */
export function createWindow({ preload, memory, icon, development }: WindowOptions): BrowserWindow {
  const size = fitSize(memory, screen.getPrimaryDisplay().workAreaSize);
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const window = new BrowserWindow({
    ...size,
    ...placeOn(memory, size, screens),
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    title: 'Sealane',
    icon,
    backgroundColor: ground(),
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: development,
    },
  });
  window.loadURL(PAGE_URL).catch((error: unknown) => {
    logError('page did not load', error);
  });
  if (memory.maximized) window.maximize();
  reloadAfterCrash(window);

  const repaint = (): void => {
    window.setBackgroundColor(ground());
  };
  nativeTheme.on('updated', repaint);
  window.once('closed', () => nativeTheme.removeListener('updated', repaint));
  return window;
}

/**
 * Brings the window before the user, wherever it was. The page hears of it first: its buttons come up under a pointer that was
 * on something else, and take no click for a moment.
 */
export function showWindow(window: BrowserWindow): void {
  if (!window.isFocused()) pushToPage(window.webContents, { type: 'shown' });
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
