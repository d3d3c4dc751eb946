import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { CALL_CHANNEL, DROP_CHANNEL, PUSH_CHANNEL } from '../../shared/channels.ts';
import type { SealaneBridge } from '../../shared/ipc.ts';

/**
 * The page's only door, and the only user of Electron's renderer side. It hands on and checks nothing: the main process does.
 * Paths of dropped files go from here to the main process and never into the page.
 */

function pathOf(file: File): string {
  try {
    return webUtils.getPathForFile(file);
  } catch {
    // Not a File of the browser's. The main process refuses a drop that has one without a path.
    return '';
  }
}

/**
 * The paths of files that were dropped. The bridge makes a copy of an array, of its elements alone; anything else comes with
 * functions of the page's own, which would name any path they like if they were called.
 */
function pathsOf(files: readonly File[]): readonly string[] {
  return Array.isArray(files) ? files.map(pathOf) : [];
}

const bridge: SealaneBridge = {
  call: (name, args) => ipcRenderer.invoke(CALL_CHANNEL, { name, args }),
  registerDrop: (files) => ipcRenderer.invoke(DROP_CHANNEL, pathsOf(files)),
  onPush: (listener) => {
    const handle = (_event: unknown, push: unknown): void => {
      listener(push);
    };
    ipcRenderer.on(PUSH_CHANNEL, handle);
    return () => {
      ipcRenderer.removeListener(PUSH_CHANNEL, handle);
    };
  },
  platform: process.platform,
};

contextBridge.exposeInMainWorld('sealane', bridge);
