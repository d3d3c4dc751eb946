import { app, Menu, type MenuItemConstructorOptions } from 'electron';

export const UPDATE_ITEM = 'check-for-updates';

/** The keys of an item, one entry each: those of the number pad are keys of their own. The first is shown. */
function withKeys(
  item: MenuItemConstructorOptions,
  [shown, ...others]: readonly [string, ...string[]],
): MenuItemConstructorOptions[] {
  return [
    { ...item, accelerator: shown },
    ...others.map((accelerator) => ({
      ...item,
      accelerator,
      visible: false,
      acceleratorWorksWhenHidden: true,
    })),
  ];
}

/** How large the page is. Chromium keeps it in the profile, so the next start shows the page as the last one left it. */
function viewMenu(): MenuItemConstructorOptions {
  return {
    label: 'View',
    submenu: [
      // `+` needs Shift on many keyboards, where the key alone is `=`.
      ...withKeys({ role: 'zoomIn' }, [
        'CommandOrControl+Plus',
        'CommandOrControl+=',
        'CommandOrControl+numadd',
      ]),
      ...withKeys({ role: 'zoomOut' }, ['CommandOrControl+-', 'CommandOrControl+numsub']),
      ...withKeys({ role: 'resetZoom' }, ['CommandOrControl+0', 'CommandOrControl+num0']),
      { type: 'separator' },
      { role: 'togglefullscreen' },
    ],
  };
}

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
    submenu: [{ role: 'minimize' }, { role: 'close' }],
  };
  const develop: MenuItemConstructorOptions = {
    label: 'Develop',
    submenu: [{ role: 'reload' }, { role: 'toggleDevTools' }],
  };
  app.setAboutPanelOptions({ applicationName: 'Sealane', applicationVersion: app.getVersion() });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      application,
      { role: 'editMenu' },
      viewMenu(),
      window,
      ...(development ? [develop] : []),
    ]),
  );
}
