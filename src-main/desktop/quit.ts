import { app } from 'electron';
import { logError } from './log.ts';

/** How long the engine may take to say goodbye, in milliseconds. Its journals survive being cut off. */
const CLOSE_PATIENCE_MS = 5000;

async function closeWithin(close: () => Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  const closing = close().catch((error: unknown) => {
    logError('closing', error);
  });
  await Promise.race([closing, patience]);
  clearTimeout(timer);
}

/**
 * Lets `close` run between the last window and the end of the process. Gives a function that says whether the app is on its
 * way out.
 */
export function setupQuit(close: () => Promise<void>): () => boolean {
  let quitting = false;
  let closing: Promise<void> | undefined;

  app.on('before-quit', () => {
    quitting = true;
  });
  app.on('will-quit', (event) => {
    event.preventDefault();
    closing ??= closeWithin(close, CLOSE_PATIENCE_MS).then(() => {
      // A second `quit` from here never ends on Electron 33; there is nothing left to ask.
      app.exit(0);
    });
  });
  return () => quitting;
}
