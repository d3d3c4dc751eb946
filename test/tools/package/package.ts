// `npm run package [-- TARGET...]` and `npm run package:dev-runtime [-- TARGET...]`: the installers of this system.
import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { verifyNode } from '../node-runtime.mjs';
import { root, setupFolder } from '../paths.mjs';
import { handOnSignals, run, say, SetupError } from '../process.mjs';
import { buildInstallers, targetsOf } from './build.ts';
import { writeCompanions } from './companions.ts';
import { writeNotes } from './notes.ts';
import { developmentRuntime, officialRuntime } from './runtime.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** The runtime that the tests run on, for trying packaging out; its packages say so in their names. */
    'dev-runtime': { type: 'boolean', default: false },
    /** Takes what is built already. */
    'no-build': { type: 'boolean', default: false },
    out: { type: 'string', default: 'out' },
    /** Another version than package.json's: a test needs an older and a newer one. */
    version: { type: 'string' },
    'update-url': { type: 'string' },
    'update-key': { type: 'string', multiple: true, default: [] },
  },
});

async function main(): Promise<void> {
  // Hundreds of packages of others run here: what signs updates is kept where none does (sign-release.ts).
  if (process.env['SEALANE_UPDATE_KEY'] !== undefined) {
    throw new SetupError(
      'nothing is built where SEALANE_UPDATE_KEY is in the environment: docs/release.md says why',
    );
  }
  await verifyNode(process.execPath);
  const development = values['dev-runtime'];
  const out = resolve(root, values.out);
  await setSourceDate();
  const archs = process.platform === 'darwin' ? ['x64', 'arm64'] : [process.arch];
  const runtime = development
    ? await developmentRuntime()
    : await officialRuntime(join(setupFolder, 'official-electron'), process.platform, archs);
  if (development) {
    say(
      `THIS IS NOT A RELEASE: Electron ${runtime.version}, the runtime of the tests, which nobody vouches for`,
    );
  }
  if (!values['no-build'] && (await run('npm', ['run', '--silent', 'build'], { cwd: root })).code !== 0) {
    throw new SetupError('the build failed');
  }
  await rm(out, { recursive: true, force: true });
  const packages = await writeNotes();
  const url = values['update-url'];
  await buildInstallers({
    runtime,
    out,
    targets: positionals.length > 0 ? positionals : targetsOf(process.platform, development),
    ...(values.version === undefined ? {} : { version: values.version }),
    ...(url === undefined ? {} : { update: { url, keys: values['update-key'] } }),
  });
  await writeCompanions(out, runtime, packages);
  for (const name of (await readdir(out)).sort()) say(`made ${name}`);
}

/** Everything made from a commit carries that commit's time; what is made of more than a commit is nobody's to compare. */
async function setSourceDate(): Promise<void> {
  if (process.env['SOURCE_DATE_EPOCH'] !== undefined) return;
  const { code, output } = await run('git', ['log', '-1', '--format=%ct'], { cwd: root, quiet: true });
  if (code !== 0) throw new SetupError('outside of a git checkout, SOURCE_DATE_EPOCH has to be set');
  process.env['SOURCE_DATE_EPOCH'] = output.trim();
}

handOnSignals();
// electron-builder finds its configuration and the files in it from here.
process.chdir(root);
try {
  await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
