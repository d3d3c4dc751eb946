import { ipcMain, type WebContents } from 'electron';
import { SealaneError } from '../../shared/errors.ts';
import { CALL_CHANNEL, DROP_CHANNEL, PUSH_CHANNEL } from '../../shared/channels.ts';
import type { DropAnswer, Push, Reply } from '../../shared/ipc.ts';
import type { CallHandlers } from './calls.ts';
import { answerCall, refusal } from './dispatch.ts';
import type { Drops } from './drops.ts';
import { logError } from './log.ts';
import { isFromPage } from './page-sender.ts';

/** The main process's only user of Electron's IPC. */

export interface IpcContext {
  readonly handlers: CallHandlers;
  readonly drops: Drops;
  /** The contents that may speak; undefined while there is no window. */
  readonly page: () => WebContents | undefined;
}

/** Answers the page's calls. What comes from elsewhere is refused before a byte of it is looked at. */
export function setupIpc({ handlers, drops, page }: IpcContext): void {
  ipcMain.handle(CALL_CHANNEL, async (event, request: unknown): Promise<Reply> => {
    if (!isFromPage(event, page())) return refusal(new SealaneError('call-refused'));
    return answerCall(handlers, request, (error) => {
      logError('call', error);
    });
  });
  ipcMain.handle(DROP_CHANNEL, (event, paths: unknown): DropAnswer =>
    isFromPage(event, page()) ? drops.register(paths) : 'drop-foreign',
  );
}

/** Tells the page something; a page that is gone is told nothing. */
export function pushToPage(page: WebContents | undefined, push: Push): void {
  if (page !== undefined && !page.isDestroyed()) page.send(PUSH_CHANNEL, push);
}
