import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listTree, makeTree } from '../support/tree.ts';
import { root } from '../tools/paths.mjs';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-demo-test-'));
  await mkdir(join(folder, 'scratch'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the demo in its terminal form, with the scratch folder as the system's temporary one. */
function demo(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const env = { ...process.env, TMPDIR: join(folder, 'scratch'), INIT_CWD: folder };
  return new Promise((resolve) => {
    const main = join(root, 'test', 'demo', 'demo.ts');
    execFile(process.execPath, [main, ...args], { env, cwd: root }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, said: stdout + stderr });
    });
  });
}

// Six programs one after another, on a machine that may have much else to do.
describe('the demo', { timeout: 120_000 }, () => {
  it('sends a folder of the user’s, finds both sides equal, and leaves all as it was', async () => {
    const source = join(folder, 'My folder');
    await makeTree(source);
    const before = await listTree(source);
    const { code, said } = await demo('My folder');
    expect(said).toMatch(/Laptop shows the code (\d{3} \d{3})\n\s+Desk shows the code\s+\1\n/);
    expect(said).toContain('The same on both sides');
    expect(code).toBe(0);
    expect(await listTree(source)).toEqual(before);
    expect(await readdir(join(folder, 'scratch'))).toEqual([]);
  });

  it('keeps what was received when asked to', async () => {
    await makeTree(join(folder, 'Kept'), { small: 3, large: 1000 });
    const { code, said } = await demo('Kept', '--keep');
    expect(code).toBe(0);
    const place = /What was received is in (.*)\n/.exec(said)?.[1] ?? '';
    expect(await listTree(place)).toEqual(await listTree(join(folder, 'Kept')));
  });

  it.each([
    ['--help', 0, 'Usage: npm run demo'],
    ['--nonsense', 2, '--help shows what it understands'],
    ['nowhere', 2, 'There is nothing at'],
    ['.', 1, 'would end up inside of'],
  ])('answers %s with exit code %i', async (argument, expected, sentence) => {
    const { code, said } = await demo(argument);
    expect(said).toContain(sentence);
    expect(code).toBe(expected);
    expect(await readdir(join(folder, 'scratch'))).toEqual([]);
  });
});
