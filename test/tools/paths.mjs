// Where things lie. No dependency: this runs before `npm ci` has.
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const windows = process.platform === 'win32';

export const binFolder = join(root, 'node_modules', '.bin');

/** The Node that the project is developed with, once `npm ci` has run; newer than the machine's own may be. */
export const projectNode = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');

/** Outside the checkout, so that a fresh clone does not fetch a whole runtime again. */
export const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sealane');

/** Results of the set-up, thrown away together with node_modules. */
export const setupFolder = join(root, 'node_modules', '.cache', 'sealane');
