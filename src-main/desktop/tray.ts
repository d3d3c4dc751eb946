import { execFile } from 'node:child_process';
import { Menu, Tray } from 'electron';
import { trayIcon } from './icons.ts';

const DBUS_PATIENCE_MS = 1000;

/**
 * Whether a tray icon would be seen. Electron cannot tell; on Linux it depends on the desktop, which says so on the session
 * bus. No answer means no: an app that hides behind an icon nobody sees can never be reached again.
 */
export function hasTray(platform: NodeJS.Platform): Promise<boolean> {
  if (platform !== 'linux') return Promise.resolve(true);
  const question = [
    '--session',
    '--print-reply=literal',
    '--dest=org.freedesktop.DBus',
    '/org/freedesktop/DBus',
    'org.freedesktop.DBus.NameHasOwner',
    'string:org.kde.StatusNotifierWatcher',
  ];
  return new Promise((resolve) => {
    execFile('dbus-send', question, { timeout: DBUS_PATIENCE_MS }, (error, output) => {
      resolve(error === null && output.trim() === 'boolean true');
    });
  });
}

/** Puts the icon into the tray. Its menu has everything, since a click on the icon does not arrive on every desktop. */
export function createTray(actions: { readonly show: () => void; readonly quit: () => void }): Tray {
  const tray = new Tray(trayIcon());
  tray.setToolTip('Sealane');
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: 'Show Sealane', click: actions.show },
      { type: 'separator' },
      { label: 'Quit', click: actions.quit },
    ]),
  );
  tray.on('click', actions.show);
  return tray;
}
