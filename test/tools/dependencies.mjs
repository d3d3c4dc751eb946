// `npm ci` when it is needed, and the one Node that the tools run on. No dependency: this runs first.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureProjectNode } from './node-runtime.mjs';
import { root } from './paths.mjs';
import { run, say, SetupError } from './process.mjs';

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {boolean} [optional]
 * @property {boolean} [devOptional]
 * @property {boolean} [peer]
 *
 * @typedef {Record<string, LockedPackage>} Locked path of the package below the checkout → what it is
 */

/**
 * Why the installed packages are not the locked ones, or undefined when they are. Dates of files say nothing after a
 * clone or a copy, so the two lock files are compared: npm keeps one of what it installed in node_modules.
 *
 * @param {Locked} wanted `packages` of package-lock.json
 * @param {Locked | undefined} installed `packages` of node_modules/.package-lock.json
 * @returns {string | undefined}
 */
export function lockDrift(wanted, installed) {
  if (installed === undefined) return 'nothing is installed yet';
  for (const [path, locked] of Object.entries(wanted)) {
    if (path === '') continue;
    const found = installed[path];
    // Packages for other systems are locked and rightly absent.
    if (found === undefined && (locked.optional === true || locked.devOptional === true)) continue;
    if (found?.version !== locked.version || found?.integrity !== locked.integrity) {
      return `${path} is ${found?.version ?? 'missing'}, locked is ${locked.version ?? 'nothing'}`;
    }
  }
  for (const path of Object.keys(installed)) {
    if (wanted[path] === undefined) return `${path} is installed and not locked`;
  }
  return undefined;
}

/**
 * @param {string} path
 * @returns {Promise<Locked | undefined>}
 */
async function readLock(path) {
  try {
    /** @type {{ packages: Locked }} */
    const lock = JSON.parse(await readFile(path, 'utf8'));
    return lock.packages;
  } catch {
    return undefined;
  }
}

/** Installs the locked packages unless they are there. Throws SetupError where that fails, or Node is not the locked one. */
export async function ensureDependencies() {
  const wanted = await readLock(join(root, 'package-lock.json'));
  if (wanted === undefined) throw new SetupError('package-lock.json cannot be read');
  const drift = lockDrift(wanted, await readLock(join(root, 'node_modules', '.package-lock.json')));
  if (drift !== undefined) {
    say(`installing the locked packages (${drift})`);
    const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code } = await run('npm', args, { cwd: root });
    if (code !== 0) throw new SetupError(`npm ci failed with exit code ${code}`);
  }
  await ensureProjectNode();
}
