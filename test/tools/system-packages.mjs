// The Debian packages that a window needs. No dependency: this runs before `npm ci` has.
import { existsSync } from 'node:fs';
import { run, say, SetupError } from './process.mjs';

/**
 * One need, and the names under which the Debians and Ubuntus of this decade ship it, newest first: the time_t
 * transition of 2024 renamed libraries, and left the old names without a package behind them.
 *
 * @typedef {readonly string[]} Need
 */

/** @type {readonly Need[]} */
const electronLibraries = [
  ['libgtk-3-0t64', 'libgtk-3-0'],
  ['libasound2t64', 'libasound2'],
  ['libnss3'],
  ['libgbm1'],
  ['libxss1'],
  ['libxtst6'],
  ['libnotify4'],
  ['libsecret-1-0'],
];

/** @type {readonly Need[]} */
const virtualDisplay = [['xvfb']];

/** What makes an rpm, and what holds a desktop file against its specification. */
/** @type {readonly Need[]} */
const packagingTools = [['rpm'], ['desktop-file-utils']];

/** Names of files and people come in all scripts; a screenshot of empty boxes proves nothing. Small ones are chosen. */
/** @type {readonly Need[]} */
const fonts = [['fonts-dejavu-core'], ['fonts-noto-color-emoji'], ['fonts-droid-fallback']];

/** What Sealane is measured beside. */
/** @type {readonly Need[]} */
const benchTools = [
  ['openssh-client'],
  ['openssh-server'],
  ['rsync'],
  ['magic-wormhole'],
  ['python3-magic-wormhole-mailbox-server'],
  ['magic-wormhole-transit-relay'],
  ['wormhole-william'],
];

/**
 * The needs that no installed package meets.
 *
 * @param {readonly Need[]} needs
 * @param {ReadonlySet<string>} installed names of installed packages
 */
export const unmet = (needs, installed) =>
  needs.filter((names) => !names.some((name) => installed.has(name)));

/**
 * For each need the name that this release has; those it does not have at all keep their last, oldest name.
 *
 * @param {readonly Need[]} needs
 * @param {ReadonlySet<string>} available
 */
export const choose = (needs, available) =>
  needs.map((names) => names.find((name) => available.has(name)) ?? names.at(-1) ?? '');

/**
 * @param {readonly Need[]} needs
 * @returns {Promise<Set<string>>}
 */
async function installedOf(needs) {
  const format = '${Package} ${db:Status-Status}\n';
  const { output } = await run('dpkg-query', ['-W', `-f=${format}`, ...needs.flat()], { quiet: true });
  return new Set([...output.matchAll(/^(\S+) installed$/gm)].map((match) => match[1] ?? ''));
}

/**
 * @param {readonly Need[]} needs
 * @returns {Promise<Set<string>>}
 */
async function availableOf(needs) {
  const { output } = await run('apt-cache', ['policy', ...needs.flat()], {
    quiet: true,
    env: { ...process.env, LC_ALL: 'C' },
  });
  return new Set(
    [...output.matchAll(/^(\S+):\n.*\n {2}Candidate: (?!\(none\))/gm)].map((match) => match[1] ?? ''),
  );
}

/**
 * The command in front of `apt-get`, or undefined where nothing may be installed. sudo is used when it asks for no
 * password or there is someone to ask.
 *
 * @returns {Promise<readonly string[] | undefined>}
 */
export async function asRoot() {
  if (process.getuid?.() === 0) return [];
  const { code } = await run('sudo', ['-n', 'true'], { quiet: true });
  if (code === 0 || (code !== 127 && process.stdin.isTTY)) return ['sudo'];
  return undefined;
}

/**
 * @param {readonly string[]} prefix
 * @param {readonly string[]} args
 */
async function apt(prefix, args) {
  const line = [
    ...prefix,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-qq',
    '-o',
    'DPkg::Lock::Timeout=300',
  ];
  const [program = '', ...rest] = [...line, ...args];
  return (await run(program, rest, { quiet: true })).code;
}

/**
 * Sees to it that the libraries for Electron are installed, and a virtual display if one is asked for.
 * Throws SetupError naming what is missing and cannot be installed.
 *
 * @param {{ display: boolean, packaging?: boolean }} options `display`: a virtual display is needed, because there is no
 *   other; `packaging`: installers are made
 */
export async function ensureSystemPackages({ display, packaging = false }) {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/dpkg-query')) return;
  const required = [
    ...electronLibraries,
    ...(display ? virtualDisplay : []),
    ...(packaging ? packagingTools : []),
  ];
  const all = [...required, ...fonts];
  const missing = unmet(all, await installedOf(all));
  if (missing.length === 0) return;

  const prefix = await asRoot();
  let names = choose(missing, await availableOf(missing));
  if (prefix === undefined) {
    const lacking = choose(unmet(required, await installedOf(required)), await availableOf(required));
    if (lacking.length === 0) return;
    throw new SetupError(
      `these system packages are missing, and this is not root:\n  apt-get install ${lacking.join(' ')}`,
    );
  }
  say(`installing system packages: ${names.join(' ')}`);
  if ((await availableOf(missing)).size < missing.length) {
    await apt(prefix, ['update']);
    names = choose(missing, await availableOf(missing));
  }
  await apt(prefix, ['install', '-y', '--no-install-recommends', ...names]);
  if (unmet(missing, await installedOf(missing)).length > 0) {
    // A list that has grown old names versions that are gone; and one odd font must not keep the rest away.
    await apt(prefix, ['update']);
    for (const name of choose(missing, await availableOf(missing))) {
      await apt(prefix, ['install', '-y', '--no-install-recommends', name]);
    }
  }
  const lacking = unmet(required, await installedOf(required));
  if (lacking.length > 0) {
    throw new SetupError(
      `these system packages could not be installed: ${choose(lacking, new Set()).join(' ')}`,
    );
  }
}

/**
 * Installs what `npm run bench` measures beside Sealane, as far as this system has it: what is not there is not measured, and
 * the benchmark says so. Throws SetupError where nothing can be installed.
 */
export async function ensureBenchPackages() {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/dpkg-query')) return;
  const missing = unmet(benchTools, await installedOf(benchTools));
  if (missing.length === 0) return;
  const prefix = await asRoot();
  const names = choose(missing, new Set()).join(' ');
  if (prefix === undefined) {
    throw new SetupError(`this is not root; to have them measured:\n  apt-get install ${names}`);
  }
  say(`installing what Sealane is measured beside: ${names}`);
  await apt(prefix, ['update']);
  // One that this release lacks must not keep the rest away.
  for (const name of choose(missing, await availableOf(missing))) {
    await apt(prefix, ['install', '-y', '--no-install-recommends', name]);
  }
}

/**
 * The shared libraries that a program asks for and the system lacks; also on systems that are no Debian.
 *
 * @param {string} program
 * @returns {Promise<string[]>}
 */
export async function missingLibraries(program) {
  if (process.platform !== 'linux') return [];
  const { output } = await run('ldd', [program], { quiet: true });
  return [...output.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1] ?? '');
}
