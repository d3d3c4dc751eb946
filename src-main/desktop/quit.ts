import { app, autoUpdater, powerMonitor } from 'electron';
import { logError } from './log.ts';
import { createQuitQuestion, type QuitQuestionOptions } from './quit-question.ts';

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

export interface QuitOptions extends Pick<QuitQuestionOptions, 'busy' | 'ask'> {
  /** Runs between the last window and the end of the process. */
  readonly close: () => Promise<void>;
}

/**
 * Lets the app end in good order, and asks first while something is on its way. Gives a function that says whether the app is
 * on its way out.
 */
export function setupQuit({ busy, ask, close }: QuitOptions): () => boolean {
  let quitting = false;
  let closing: Promise<void> | undefined;
  const quit = (): void => {
    app.quit();
  };
  const question = createQuitQuestion({ busy, ask, quit });

  // Nobody may be there to answer.
  const quitUnasked = (): void => {
    question.agree();
    quit();
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, quitUnasked);
  powerMonitor.on('shutdown', question.agree);
  autoUpdater.on('before-quit-for-update', question.agree);

  app.on('before-quit', (event) => {
    if (question.mayQuit()) quitting = true;
    else event.preventDefault();
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
