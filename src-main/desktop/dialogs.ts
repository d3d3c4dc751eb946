import { dialog, type BrowserWindow, type OpenDialogOptions } from 'electron';

/** The system's own dialogs. What the user chooses in them is the only way, beside dropping, that a path gets in. */
export interface Dialogs {
  /** Files to send; empty when the user chose none. */
  chooseFiles(): Promise<readonly string[]>;
  /** Folders to send; empty when the user chose none. */
  chooseFolders(): Promise<readonly string[]>;
  /** A folder to receive into, undefined when the user chose none. */
  chooseDestination(): Promise<string | undefined>;
}

/** `parent` gives the window a dialog belongs to; without one it stands alone. */
export function createDialogs(parent: () => BrowserWindow | undefined): Dialogs {
  async function choose(options: OpenDialogOptions): Promise<readonly string[]> {
    const window = parent();
    const { canceled, filePaths } = await (window === undefined
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(window, options));
    return canceled ? [] : filePaths;
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
