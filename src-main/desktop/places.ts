import { fileURLToPath } from 'node:url';

/** Where the built page and preload lie, seen from the built main process: three folders side by side in dist/. */
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const PAGE_FOLDER = at('../renderer');
export const PRELOAD_FILE = at('../preload/preload.cjs');
