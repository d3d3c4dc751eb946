// `npm test`, `npm start`, `npm run demo`, `npm run bench`: everything a fresh clone needs is brought in first. No dependency, and plain
// JavaScript for Node 20.19: this is the first thing that runs. What it starts runs on the Node of the packages.
import { delimiter, join } from 'node:path';
import { ensureDependencies } from './dependencies.mjs';
import { hasDisplay, startVirtualDisplay } from './display.mjs';
import { electronExecutable, ensureElectron, runWithWindows } from './electron-runtime.mjs';
import { isLinuxRoot } from './ordinary-user.mjs';
import { binFolder, projectNode, root } from './paths.mjs';
import { handOnSignals, run, say, SetupError } from './process.mjs';
import { ensureBenchPackages, ensureSystemPackages } from './system-packages.mjs';

const [target = '', ...args] = process.argv.slice(2);

/** @param {readonly string[]} line */
const node = async (...line) => (await run(projectNode, line, { cwd: root })).code;

const build = async () => (await run('npm', ['run', '--silent', 'build'], { cwd: root })).code;

async function start() {
  const built = await build();
  if (built !== 0) return built;
  const electron = await electronExecutable();
  return (await run(electron.path, [...electron.args, root, ...args], { cwd: root })).code;
}

/** The windows alone, for whoever works on them: `npm run test:e2e -- -g pairing`. */
async function e2e() {
  const built = await build();
  if (built !== 0) return built;
  const cli = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
  const line = [cli, 'test', '--config', 'test/e2e/playwright.config.ts', ...args];
  return (await runWithWindows(projectNode, line, { cwd: root })).code;
}

/** In the terminal the demo runs from the sources; windows need the application built. */
async function demo() {
  const built = args.includes('--window') ? await build() : 0;
  return built === 0 ? node('test/demo/demo.ts', ...args) : built;
}

/** Installers, from the official runtime or not at all; `dev` makes some to try, from whatever the tests run on. */
const packages = (/** @type {readonly string[]} */ ...dev) =>
  node('test/tools/package/package.ts', ...dev, ...args);

/** Makes the installers, installs, uses, updates and removes them. Linux and root only. */
const testPackages = () =>
  node(
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--config',
    'test/package/vitest.config.ts',
    ...args,
  );

/** Beside other tools; with `--install`, Debian's packages of them come first. */
async function bench() {
  if (args.includes('--install')) await ensureBenchPackages();
  const built = args.includes('--help') ? 0 : await build();
  return built === 0 ? node('test/bench/bench.ts', ...args) : built;
}

/** @type {Readonly<Record<string, { window: boolean, packaging?: boolean, go: () => Promise<number> }>>} */
const targets = {
  setup: { window: true, go: () => Promise.resolve(0) },
  test: { window: true, packaging: true, go: () => node('test/tools/test-all.ts') },
  e2e: { window: true, go: e2e },
  start: { window: true, go: start },
  demo: { window: args.includes('--window'), go: demo },
  bench: { window: !args.includes('--help'), go: bench },
  soak: { window: false, go: () => node('test/soak/soak.ts', ...args) },
  package: { window: false, packaging: true, go: () => packages() },
  'package:dev-runtime': { window: true, packaging: true, go: () => packages('--dev-runtime') },
  'package:compare': {
    window: true,
    packaging: true,
    go: () => node('test/tools/package/compare.ts', ...args),
  },
  'test:package': { window: true, packaging: true, go: testPackages },
};

/** @returns {Promise<number>} the exit code */
async function main() {
  const chosen = targets[target];
  if (chosen === undefined) {
    say(`usage: node test/tools/run.mjs ${Object.keys(targets).join('|')} [ARGUMENT...]`);
    return 2;
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(`Node.js 20.19 or newer is needed, this is ${process.versions.node}`);
  }
  const display = chosen.window && !hasDisplay();
  const packaging = chosen.packaging === true;
  if (chosen.window || packaging) await ensureSystemPackages({ display, packaging });
  await ensureDependencies();
  if (chosen.window) await ensureElectron();
  // These show and send what is the user's own, which another user could not read.
  if (chosen.window && isLinuxRoot() && ['start', 'demo', 'bench'].includes(target)) {
    say("as root, Electron runs without Chromium's sandbox; start this as an ordinary user to have it on");
  }
  process.env['PATH'] = `${binFolder}${delimiter}${process.env['PATH'] ?? ''}`;
  if (!display || target === 'setup') return await chosen.go();

  if (target === 'start') say('there is no display here: the window opens on an invisible one');
  const virtual = await startVirtualDisplay();
  try {
    process.env['DISPLAY'] = virtual.display;
    return await chosen.go();
  } finally {
    virtual.stop();
  }
}

handOnSignals();
try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
  // Whoever reads the last line learns that nothing was tested.
  if (target === 'test') process.stdout.write('tests: 0 passed, 1 failed\n');
}
