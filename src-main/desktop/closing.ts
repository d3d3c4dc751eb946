import { app, type BrowserWindow } from 'electron';
import { askKeepRunning } from './dialogs.ts';
import { logError } from './log.ts';
import type { PageInvites } from './page-invites.ts';
import { readMemory, writeMemory, type WindowMemory } from './window-memory.ts';

export interface ClosingOptions {
  readonly memoryFile: string;
  readonly invites: PageInvites;
  /** Whether there is a tray icon to bring a hidden window back. */
  readonly hasTray: () => boolean;
  readonly isQuitting: () => boolean;
}

/**
 * Closing hides the window where a tray can bring it back, after asking the first time; elsewhere it ends the app. Either way the
 * invites that the page showed are withdrawn.
 */
export function setupClosing(window: BrowserWindow, options: ClosingOptions): void {
  const { memoryFile, invites, hasTray, isQuitting } = options;
  let memory = readMemory(memoryFile);
  const remember = (change: Partial<WindowMemory>): void => {
    memory = { ...memory, ...change };
    writeMemory(memoryFile, memory);
  };
  const hide = async (): Promise<void> => {
    if (!memory.toldAboutTray) {
      if (!(await askKeepRunning(window))) {
        app.quit();
        return;
      }
      remember({ toldAboutTray: true });
    }
    window.hide();
    await invites.withdraw();
  };
  window.on('close', (event) => {
    const { x, y, width, height } = window.getNormalBounds();
    remember({ x, y, width, height, maximized: window.isMaximized() });
    if (isQuitting()) return;
    event.preventDefault();
    if (!hasTray()) {
      // By way of the question that quitting may need; the window closes when the answer is yes.
      app.quit();
      return;
    }
    hide().catch((error: unknown) => {
      logError('closing the window', error);
    });
  });
  app.on('window-all-closed', () => {
    app.quit();
  });
  window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) void invites.withdraw();
  });
}
