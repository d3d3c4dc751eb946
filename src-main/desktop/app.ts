import { join } from 'node:path';
import {
  app,
  type BrowserWindow,
  clipboard,
  powerSaveBlocker,
  safeStorage,
  session,
  shell,
  type Tray,
  type WebContents,
} from 'electron';
import { asSealaneError } from '../../shared/errors.ts';
import type { Push } from '../../shared/ipc.ts';
import type { TransferView } from '../../shared/views.ts';
import { createEngine, type Engine } from '../engine/index.ts';
import { createAnnouncer } from './announce.ts';
import type { DesktopOptions } from './argv.ts';
import { createCalls, type CallHandlers } from './calls.ts';
import { setupClosing } from './closing.ts';
import { createCoalescer } from './coalesce.ts';
import { askQuit, createDialogs, tellStartFailed, warn, type DeviceDialog } from './dialogs.ts';
import { createDrops } from './drops.ts';
import { appIcon } from './icons.ts';
import { pushToPage, setupIpc } from './ipc-main.ts';
import { createKeyProtector } from './keychain.ts';
import { normalizeLink, type LinkInbox } from './links.ts';
import { logError } from './log.ts';
import { setupMenu } from './menu.ts';
import { NotificationPace } from './notification-pace.ts';
import { createNotifier } from './notifications.ts';
import type { OpenedFiles } from './opened-files.ts';
import { createPageInvites } from './page-invites.ts';
import { PAGE_FOLDER, PRELOAD_FILE } from './places.ts';
import { createPowerGuard } from './power.ts';
import { setupPageProtocol } from './protocol.ts';
import { setupQuit } from './quit.ts';
import { isForWindow } from './second-start.ts';
import { setupContents, setupSession } from './security.ts';
import { createTray, hasTray } from './tray.ts';
import { setupAppUpdates } from './update/app-updates.ts';
import { readMemory } from './window-memory.ts';
import { createWindow, showWindow } from './window.ts';

export interface StartContext {
  readonly options: DesktopOptions;
  readonly links: LinkInbox;
  readonly files: OpenedFiles;
  /** The folder of everything this device keeps. */
  readonly folder: string;
}

async function openEngine({ options, folder }: StartContext): Promise<Engine> {
  const keyProtector = await createKeyProtector(safeStorage, process.platform);
  return createEngine({
    profile: join(folder, 'profile'),
    resumeSends: true,
    announces: true,
    ...options,
    ...(keyProtector === undefined ? {} : { keyProtector }),
  });
}

/** The page has asked for everything, so it is there and listens: links may come. */
function withLinks(handlers: CallHandlers, links: LinkInbox, push: (push: Push) => void): CallHandlers {
  return {
    ...handlers,
    snapshot: async () => {
      const snapshot = await handlers.snapshot();
      setImmediate(() => {
        links.open((link) => {
          push({ type: 'open-link', link });
        });
      });
      return snapshot;
    },
  };
}

/** Lets the engine's events out: to the page, to whoever looks elsewhere, and to the power management. */
function setupEvents(engine: Engine, window: BrowserWindow, push: (push: Push) => void): () => void {
  const coalescer = createCoalescer(push);
  const announce = createAnnouncer();
  const notify = createNotifier(appIcon(), () => {
    showWindow(window);
  });
  const power = createPowerGuard({
    start: () => powerSaveBlocker.start('prevent-app-suspension'),
    stop: (id) => powerSaveBlocker.stop(id),
  });
  const pace = new NotificationPace({
    show: notify,
    isWatched: () => window.isDestroyed() || window.isFocused(),
    now: () => performance.now(),
    transfers: engine.snapshot().transfers,
  });
  const unsubscribe = engine.subscribe((event) => {
    coalescer.push(event);
    power.observe(event);
    pace.observe(event, announce(event));
  });
  return () => {
    unsubscribe();
    coalescer.stop();
    pace.stop();
    power.release();
  };
}

function setupLinks(window: BrowserWindow, links: LinkInbox): void {
  const show = (): void => {
    if (!window.isDestroyed()) showWindow(window);
  };
  app.on('second-instance', (_event, argv, folder) => {
    if (isForWindow(argv, app.isPackaged ? undefined : { checkout: app.getAppPath(), folder })) show();
  });
  app.on('open-url', (_event, url) => {
    if (normalizeLink(url) !== undefined) show();
  });
  app.on('activate', show);
  window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) links.close();
  });
}

/** What was opened with the app is sent where the user says, and nowhere without. */
function setupOpenedFiles(
  window: BrowserWindow,
  engine: Engine,
  files: OpenedFiles,
  dialogs: DeviceDialog,
): void {
  const send = async (paths: readonly string[]): Promise<void> => {
    const device = await dialogs.chooseDevice(engine.snapshot().devices, paths.length);
    if (device !== undefined) await engine.send({ device, paths, whenUnreachable: 'wait' });
  };
  files.open((paths) => {
    send(paths).catch((error: unknown) => {
      logError('sending what was opened', error);
      return warn(window, asSealaneError(error).message);
    });
  });
}

/** Whether quitting now would interrupt it. What waits or is paused does so anywhere. */
function isMoving({ state }: TransferView): boolean {
  return state.kind === 'running' || state.kind === 'finishing';
}

/** Starts everything once Electron is ready. Where the engine cannot start, the user is told why and the app ends. */
export async function startApp(context: StartContext): Promise<void> {
  const development = !app.isPackaged;
  setupContents();
  setupSession(session.defaultSession, development);
  setupPageProtocol(session.defaultSession, PAGE_FOLDER);
  setupMenu(development);

  let engine: Engine;
  try {
    engine = await openEngine(context);
  } catch (error) {
    logError('starting the engine', error);
    tellStartFailed(asSealaneError(error).message);
    app.exit(1);
    return;
  }

  const memoryFile = join(context.folder, 'window.json');
  const icon = appIcon();
  const window = createWindow({ preload: PRELOAD_FILE, memory: readMemory(memoryFile), icon, development });
  const parent = (): BrowserWindow | undefined => (window.isDestroyed() ? undefined : window);
  const page = (): WebContents | undefined => parent()?.webContents;
  const push = (message: Push): void => {
    pushToPage(page(), message);
  };
  const drops = createDrops(() => performance.now());
  const dialogs = createDialogs(parent);
  const handlers = createCalls({
    engine,
    version: app.getVersion(),
    drops,
    dialogs,
    isSandboxed: !app.commandLine.hasSwitch('no-sandbox'),
    showItem: (path) => {
      shell.showItemInFolder(path);
    },
    // Older runtimes write at once, newer ones promise to.
    copyText: async (text) => {
      await clipboard.writeText(text);
    },
  });
  const invites = createPageInvites(engine);
  // Still in the same turn as the window: the page cannot ask before somebody answers.
  setupIpc({ handlers: withLinks(invites.watch(handlers), context.links, push), drops, page });
  setupLinks(window, context.links);
  window.webContents.once('did-finish-load', () => {
    setupOpenedFiles(window, engine, context.files, dialogs);
  });
  setupAppUpdates(window, development).catch((error: unknown) => {
    logError('updates', error);
  });

  const stopEvents = setupEvents(engine, window, push);
  const isQuitting = setupQuit({
    busy: () => engine.snapshot().transfers.filter(isMoving).length,
    // A question that belongs to a hidden window would not be seen.
    ask: (busy) => askQuit(parent()?.isVisible() === true ? parent() : undefined, busy),
    close: async () => {
      stopEvents();
      await invites.withdraw();
      await engine.close();
    },
  });
  let tray: Tray | undefined;
  setupClosing(window, { memoryFile, invites, hasTray: () => tray !== undefined, isQuitting });

  engine.listen().catch((error: unknown) => {
    logError('listening', error);
    return warn(window, asSealaneError(error).message);
  });
  if (await hasTray(process.platform)) {
    tray = createTray({
      show: () => {
        if (!window.isDestroyed()) showWindow(window);
      },
      quit: () => {
        app.quit();
      },
    });
  }
}
