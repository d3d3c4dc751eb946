import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import type { Document } from './document.ts';

/** What the system does not tell (network folders, no watches left) is found by looking. */
const LOOK_INTERVAL_MS = 500;

type Watched = Pick<Document<unknown>, 'refresh'>;

function refresh(document: Watched): void {
  // What cannot be read keeps its last state here; the next look tries again, and the next change says so.
  void document.refresh().catch(() => undefined);
}

/**
 * Refreshes each document soon after another process changed NAME.json in this folder. Gives back what ends it; it keeps no
 * process alive.
 */
export function watchDocuments(folder: string, documents: ReadonlyMap<string, Watched>): () => void {
  const timer = setInterval(() => {
    for (const document of documents.values()) refresh(document);
  }, LOOK_INTERVAL_MS).unref();

  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, { persistent: false }, (_event, file) => {
      const document = documents.get(file?.replace(/\.json$/, '') ?? '');
      if (document) refresh(document);
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // Then there is the timer.
  }

  return () => {
    clearInterval(timer);
    watcher?.close();
  };
}
