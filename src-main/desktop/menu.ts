import { app, Menu, type MenuItemConstructorOptions } from 'electron';

export const UPDATE_ITEM = 'check-for-updates';

/**
 * The application menu. macOS needs one for copy and paste to work at all; elsewhere it stays out of sight until Alt is
 * pressed. Reloading and the developer tools are for development only. `checkForUpdates` is left out where the app is
 * not one that updates itself.
 */
export function setupMenu(development: boolean, checkForUpdates?: () => void): void {
  const mac = process.platform === 'darwin';
  const about: MenuItemConstructorOptions = { role: 'about', label: 'About Sealane' };
  const update: MenuItemConstructorOptions[] =
    checkForUpdates === undefined
      ? []
      : [{ id: UPDATE_ITEM, label: 'Check for Updates…', click: checkForUpdates }];
  const application: MenuItemConstructorOptions = {
    label: 'Sealane',
    submenu: mac
      ? [
          about,
          ...update,
          { type: 'separator' },
          { role: 'hide' },
          { role: 'hideOthers' },
          { role: 'unhide' },
          { type: 'separator' },
          { role: 'quit', label: 'Quit Sealane' },
        ]
      : [about, ...update, { type: 'separator' }, { role: 'quit', label: 'Quit' }],
  };
  const window: MenuItemConstructorOptions = {
    label: 'Window',
    submenu: [{ role: 'minimize' }, { role: 'close' }, { type: 'separator' }, { role: 'togglefullscreen' }],
  };
  const develop: MenuItemConstructorOptions = {
    label: 'Develop',
    submenu: [{ role: 'reload' }, { role: 'toggleDevTools' }],
  };
  app.setAboutPanelOptions({ applicationName: 'Sealane', applicationVersion: app.getVersion() });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([application, { role: 'editMenu' }, window, ...(development ? [develop] : [])]),
  );
}
