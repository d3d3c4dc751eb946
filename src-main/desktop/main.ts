import { isAbsolute, join, resolve } from 'node:path';
import { app, dialog } from 'electron';
import { asSealaneError } from '../../shared/errors.ts';
import { homeFolder, makeFolders } from '../folders.ts';
import { parseOptions, type DesktopOptions } from './argv.ts';
import { createLinkInbox, findLink } from './links.ts';
import { logError } from './log.ts';
import { createOpenedFiles, findOpenedPaths } from './opened-files.ts';
import { registerPageScheme } from './protocol.ts';

/**
 * Where Electron begins: what has to happen before it is ready, and nothing else. All of it is synchronous; awaiting readiness
 * here would keep the app from ever becoming ready. The rest is loaded afterwards.
 */

/** As in electron-builder.yml: Windows groups windows and notifications by it. */
const APP_ID = 'io.sealane.desktop';

/** Where the user's programs keep their settings. Electron takes XDG_CONFIG_HOME as it is; one that is not absolute is to be ignored. */
function configurationFolder(): string {
  const usual = app.getPath('appData');
  if (isAbsolute(usual)) return usual;
  const home = homeFolder();
  if (home === undefined) throw new Error('HOME is not set to an absolute path.');
  return join(home, '.config');
}

/** Everything of this device lies in one folder: two `--user-data-dir` are two devices. */
function setupFolders(): string {
  const given = app.commandLine.getSwitchValue('user-data-dir');
  const folder = given === '' ? join(configurationFolder(), 'Sealane') : resolve(given);
  makeFolders(folder);
  app.setPath('userData', folder);
  // What Chromium keeps is not ours; it stays out of the way.
  app.setPath('sessionData', join(folder, 'page'));
  return folder;
}

function readOptions(): DesktopOptions | undefined {
  try {
    return parseOptions(process.argv);
  } catch (error) {
    process.stderr.write(`sealane: ${asSealaneError(error).detail ?? 'the options make no sense'}\n`);
    return undefined;
  }
}

function launch(options: DesktopOptions): void {
  app.setName('Sealane');
  app.setAppUserModelId(APP_ID);
  const folder = setupFolders();
  if (!app.requestSingleInstanceLock()) {
    // The one that runs was handed our command line and comes to the front.
    app.quit();
    return;
  }
  // For root in development, where no sandbox can be had. An AppImage gives it, too, on a system that refuses
  // user namespaces: the window then says that a layer of protection is missing.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  registerPageScheme();
  // A checkout must not take the links of an installed app.
  if (app.isPackaged) app.setAsDefaultProtocolClient('sealane');

  const links = createLinkInbox();
  links.receive(findLink(process.argv));
  app.on('open-url', (event, url) => {
    event.preventDefault();
    links.receive(url);
  });
  const files = createOpenedFiles();
  // In a checkout the command line also names the checkout.
  if (app.isPackaged) files.receive(findOpenedPaths(process.argv));
  app.on('open-file', (event, path) => {
    event.preventDefault();
    files.receive([path]);
  });
  app.on('second-instance', (_event, argv) => {
    links.receive(findLink(argv));
    if (app.isPackaged) files.receive(findOpenedPaths(argv));
  });

  const start = async (): Promise<void> => {
    await app.whenReady();
    const { startApp } = await import('./app.ts');
    await startApp({ options, links, files, folder });
  };
  start().catch((error: unknown) => {
    logError('starting', error);
    app.exit(1);
  });
}

/** Without a place for its settings the app cannot begin, and says so: in a window where there can be one, else on standard error. */
function begin(options: DesktopOptions): void {
  try {
    launch(options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    dialog.showErrorBox('Sealane cannot start', `The folder for its settings cannot be used. ${why}`);
    app.exit(1);
  }
}

// Whoever started the app from a terminal may have closed it: what cannot be said there is no reason to end, or to show a box.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const options = readOptions();
if (options === undefined) app.exit(2);
else begin(options);
