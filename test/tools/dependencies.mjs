// `npm ci` when it is needed, and a Node that is new enough for the tools. No dependency: this runs first.
import { access, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { binFolder, projectNode, root } from './paths.mjs';
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

/** Installs the locked packages unless they are there. Throws SetupError where that fails. */
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

/**
 * The `node` package fetches its binary in an install script. npm may have been told to run none, and newer ones run
 * only what package.json allows; so whether it ran is looked at, not assumed.
 */
async function ensureProjectNode() {
  if (await startsProjectNode()) return;
  say('fetching the Node.js that the tools run on');
  const { code, output } = await run(process.execPath, ['installArchSpecificPackage.js'], {
    cwd: join(root, 'node_modules', 'node'),
    quiet: true,
  });
  if (await startsProjectNode()) {
    // npm links no program that is not there yet, and npm scripts look for `node` among the links.
    if (process.platform !== 'win32') {
      await symlink('../node/bin/node', join(binFolder, 'node')).catch(() => undefined);
    }
    return;
  }
  throw new SetupError(`the packages' own Node.js cannot be started (exit code ${code})\n${output}`);
}

async function startsProjectNode() {
  try {
    await access(projectNode);
  } catch {
    return false;
  }
  const { code, output } = await run(projectNode, ['--version'], { quiet: true });
  return code === 0 && /^v(2[4-9]|[3-9]\d)\./.test(output);
}
