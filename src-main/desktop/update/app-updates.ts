import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, autoUpdater, type BrowserWindow } from 'electron';
import { askInstallUpdate, inform, warn } from '../dialogs.ts';
import { logError } from '../log.ts';
import { setupMenu } from '../menu.ts';
import { updateSource, type UpdateSource } from './source.ts';

function sourceInPackage(): UpdateSource | undefined {
  try {
    return updateSource(JSON.parse(readFileSync(join(app.getAppPath(), 'package.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Lets an installed app look for updates, if its package says where; the menu then offers to look at once. */
export async function setupAppUpdates(window: BrowserWindow, development: boolean): Promise<void> {
  const source = development ? undefined : sourceInPackage();
  if (source === undefined) return;
  // Much code, and most starts of the app are not interested in it.
  const { setupUpdates } = await import('./updater.ts');
  const updates = setupUpdates(source, {
    askInstall: (version) =>
      window.isDestroyed() ? Promise.resolve(false) : askInstallUpdate(window, version),
    tellNewest: () => inform(window, 'This is the newest version of Sealane.'),
    tellFailed: (message) => warn(window, message),
    restart: () => {
      // The user has agreed; setupQuit asks no second time.
      autoUpdater.emit('before-quit-for-update');
      app.relaunch();
      app.quit();
    },
  });
  if (updates === undefined) return;
  setupMenu(development, () => {
    updates.check().catch((error: unknown) => {
      logError('looking for updates', error);
    });
  });
  window.once('closed', () => {
    updates.stop();
  });
}
