import { dialog, type BrowserWindow, type MessageBoxOptions, type OpenDialogOptions } from 'electron';
import type { DeviceId } from '../../shared/device-id.ts';
import type { DeviceView } from '../../shared/views.ts';
import { deviceChoice } from './device-choice.ts';

/** The system's own dialogs. What the user chooses in them is the only way, beside dropping, that a path gets in. */
export interface Dialogs {
  /** Files to send; empty when the user chose none. */
  chooseFiles(): Promise<readonly string[]>;
  /** Folders to send; empty when the user chose none. */
  chooseFolders(): Promise<readonly string[]>;
  /** A folder to receive into, undefined when the user chose none. */
  chooseDestination(): Promise<string | undefined>;
}

export interface DeviceDialog {
  /** One of these devices to send `count` things to; undefined when the user chose none, or there is none yet. */
  chooseDevice(devices: readonly DeviceView[], count: number): Promise<DeviceId | undefined>;
}

/** `parent` gives the window a dialog belongs to; without one it stands alone. */
export function createDialogs(parent: () => BrowserWindow | undefined): Dialogs & DeviceDialog {
  async function choose(options: OpenDialogOptions): Promise<readonly string[]> {
    const window = parent();
    const { canceled, filePaths } = await (window === undefined
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(window, options));
    return canceled ? [] : filePaths;
  }

  async function ask(options: MessageBoxOptions): Promise<number> {
    const window = parent();
    const answer = await (window === undefined
      ? dialog.showMessageBox(options)
      : dialog.showMessageBox(window, options));
    return answer.response;
  }

  return {
    chooseFiles: () =>
      choose({
        title: 'Choose files to send',
        buttonLabel: 'Send',
        properties: ['openFile', 'multiSelections'],
      }),
    chooseFolders: () =>
      choose({
        title: 'Choose a folder to send',
        buttonLabel: 'Send',
        properties: ['openDirectory', 'multiSelections'],
      }),
    chooseDestination: async () => {
      const chosen = await choose({
        title: 'Choose a folder for received files',
        buttonLabel: 'Use this folder',
        properties: ['openDirectory', 'createDirectory', 'promptToCreate'],
      });
      return chosen[0];
    },
    chooseDevice: async (devices, count) => {
      const { type, message, detail, buttons, none, deviceAt } = deviceChoice(devices, count);
      // Enter alone sends nothing anywhere.
      const response = await ask({
        type,
        title: 'Sealane',
        message,
        detail,
        buttons,
        defaultId: none,
        cancelId: none,
      });
      return deviceAt(response);
    },
  };
}

/** Says that the app cannot start, and waits until the user has read it. */
export function tellStartFailed(message: string): void {
  dialog.showErrorBox('Sealane cannot start', message);
}

/** Says something that does not stop the app. */
export async function warn(parent: BrowserWindow, message: string): Promise<void> {
  await dialog.showMessageBox(parent, { type: 'warning', title: 'Sealane', message });
}

/** Asked the first time the window is closed: true to go on in the tray, false to quit. */
export async function askKeepRunning(parent: BrowserWindow): Promise<boolean> {
  const { response } = await dialog.showMessageBox(parent, {
    type: 'info',
    title: 'Sealane',
    message: 'Keep Sealane running?',
    detail:
      'While Sealane runs, your other devices can reach this one. From now on, closing the window leaves it running; ' +
      'its icon beside the clock brings the window back and quits it.',
    buttons: ['Keep running', 'Quit'],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 0;
}

/** Asked before what is on its way is interrupted: true to quit all the same. `busy` counts transfers. */
export async function askQuit(parent: BrowserWindow | undefined, busy: number): Promise<boolean> {
  const one = busy === 1;
  const options: MessageBoxOptions = {
    type: 'question',
    title: 'Sealane',
    message: one ? 'A transfer is running.' : `${busy} transfers are running.`,
    detail: `${one ? 'It goes' : 'They go'} on when Sealane is opened again.`,
    buttons: ['Quit', 'Stay'],
    defaultId: 1,
    cancelId: 1,
  };
  const { response } = await (parent === undefined
    ? dialog.showMessageBox(options)
    : dialog.showMessageBox(parent, options));
  return response === 0;
}

/** A newer version is ready: true to install it and start anew. */
export async function askInstallUpdate(parent: BrowserWindow, version: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox(parent, {
    type: 'question',
    title: 'Sealane',
    message: `Sealane ${version} is ready to be installed.`,
    detail: 'Sealane closes, is updated and opens again. Transfers that are under way go on afterwards.',
    buttons: ['Install and restart', 'Later'],
    defaultId: 0,
    cancelId: 1,
  });
  return response === 0;
}

/** Answers somebody who looked for updates. */
export async function inform(parent: BrowserWindow, message: string): Promise<void> {
  await dialog.showMessageBox(parent, { type: 'info', title: 'Sealane', message });
}
