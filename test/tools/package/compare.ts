// `npm run package:compare [-- --release]`: makes the packages of this commit twice, in two clones in different places, one
// after the other, and says which differ, down to the file. Ends with 1 when any does.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../paths.mjs';
import { handOnSignals, run, say } from '../process.mjs';
import { digest } from './checksums.ts';
import { artifactsIn } from './companions.ts';
import { filesIn } from './deb.mjs';

const release = process.argv.includes('--release');

async function must(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await run(program, args, { cwd, quiet: true });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

/** Clones the commit (what is not committed is not compared) and packages it there. Gives the folder of the results. */
async function packageIn(folder: string, commit: string): Promise<string> {
  await must('git', ['clone', '--quiet', '--no-checkout', root, folder], root);
  await must('git', ['checkout', '--quiet', '--detach', commit], folder);
  // The same installed packages, without a second copy: nobody writes to them.
  await must('cp', ['-al', join(root, 'node_modules'), join(folder, 'node_modules')], root);
  const program = join(folder, 'test', 'tools', 'package', 'package.ts');
  await must(process.execPath, [program, ...(release ? [] : ['--dev-runtime'])], folder);
  return join(folder, 'out');
}

/** Digests of every file in both trees, and which paths differ. */
async function differences(one: string, other: string): Promise<readonly string[]> {
  const paths = new Set([...(await filesIn(one)), ...(await filesIn(other))]);
  const differing: string[] = [];
  for (const path of [...paths].sort()) {
    const [a, b] = await Promise.all(
      [one, other].map((folder) => digest(join(folder, path), 'sha256', 'hex').catch(() => 'missing')),
    );
    if (a !== b) differing.push(path);
  }
  return differing;
}

handOnSignals();
const work = await mkdtemp(join(tmpdir(), 'sealane-compare-'));
try {
  const commit = (await must('git', ['rev-parse', 'HEAD'], root)).trim();
  say(`comparing two makings of ${commit}`);
  const first = await packageIn(join(work, 'one'), commit);
  const second = await packageIn(join(work, 'another-place', 'with-a-longer-name'), commit);
  const artifacts = await artifactsIn(first);
  let same = 0;
  for (const path of artifacts) {
    const name = path.slice(first.length + 1);
    const [a, b] = [await digest(path, 'sha256', 'hex'), await digest(join(second, name), 'sha256', 'hex')];
    if (a === b) same += 1;
    console.log(`${a === b ? 'same     ' : 'DIFFERENT'} ${name} ${a}${a === b ? '' : ` ${b}`}`);
  }
  const unpacked = (await readdir(first)).find((name) => name.endsWith('-unpacked'));
  const inside =
    unpacked === undefined ? [] : await differences(join(first, unpacked), join(second, unpacked));
  for (const path of inside) console.log(`DIFFERENT ${unpacked ?? ''}/${path}`);
  say(
    `${same} of ${artifacts.length} packages are the same, and ${inside.length} files of the application differ`,
  );
  process.exitCode = same === artifacts.length && inside.length === 0 ? 0 : 1;
} finally {
  await rm(work, { recursive: true, force: true });
}
