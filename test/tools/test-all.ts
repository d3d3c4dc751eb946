// `npm test`, after the set-up of run.mjs: every check and every test runs, whatever an earlier one said, and the last
// line sums them up.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runWithWindows } from './electron-runtime.mjs';
import { root } from './paths.mjs';
import { handOnSignals, run } from './process.mjs';
import { judge, readPlaywright, readVitest, summary, total, type Outcome } from './test-report.ts';

const results = join(root, 'test-results');
const vitestReport = join(results, 'vitest.json');
const playwrightReport = join(results, 'playwright.json');
const packageReport = join(results, 'packages.json');

function heading(text: string): void {
  process.stdout.write(`\n== ${text}\n`);
}

async function npm(script: string, args: readonly string[] = []): Promise<number> {
  const { code } = await run('npm', ['run', '--silent', script, '--', ...args], { cwd: root });
  return code;
}

/** A check has no tests to count: it passes silently or is one failure. */
async function check(name: string, script: string): Promise<Outcome> {
  heading(name);
  const code = await npm(script);
  return {
    passed: 0,
    failed: code === 0 ? [] : [{ name: `${name} (npm run ${script})`, why: '' }],
    skipped: [],
  };
}

async function outcomeIn(path: string, read: (report: unknown) => Outcome): Promise<Outcome | undefined> {
  try {
    return read(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    process.stdout.write(`${path}: ${String(error)}\n`);
    return undefined;
  }
}

async function unitTests(): Promise<Outcome> {
  heading('unit and integration tests');
  const args = ['--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`];
  const code = await npm('test:unit', args);
  return judge('vitest', code, await outcomeIn(vitestReport, readVitest));
}

async function windowTests(): Promise<Outcome> {
  heading('end-to-end tests in Electron');
  const cli = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
  const args = [cli, 'test', '--config', 'test/e2e/playwright.config.ts', '--reporter=list,json'];
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: playwrightReport };
  const { code } = await runWithWindows(process.execPath, args, { cwd: root, env });
  return judge('playwright', code, await outcomeIn(playwrightReport, readPlaywright));
}

/** Installers are made and installed for real, in a root of their own: that takes Linux, and root. */
async function packageTests(): Promise<Outcome> {
  heading('installers: made, installed, used, updated, removed');
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    process.stdout.write('not here: they take root, on Linux (npm run test:package)\n');
    return { passed: 0, failed: [], skipped: [] };
  }
  const args = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run'];
  const config = ['--config', 'test/package/vitest.config.ts'];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${packageReport}`];
  const { code } = await run(process.execPath, [...args, ...config, ...reporters], { cwd: root });
  return judge('packages', code, await outcomeIn(packageReport, readVitest));
}

handOnSignals();
await rm(results, { recursive: true, force: true });
await mkdir(results, { recursive: true });
// A build that fails must not leave the windows to be tested on an older one.
await rm(join(root, 'dist'), { recursive: true, force: true });

const outcomes = [
  await check('types', 'typecheck'),
  await check('lint', 'lint'),
  await check('format', 'format:check'),
  await check('import rules', 'deps'),
  await unitTests(),
  await check('build', 'build'),
  await windowTests(),
  await packageTests(),
];

heading('summary');
for (const outcome of outcomes) process.stdout.write(summary(outcome));
const { passed, failed } = total(outcomes);
process.stdout.write(`tests: ${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
