import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, sendAndAccept } from '../support/engines.ts';
import { listTree } from '../support/tree.ts';

/** Names that mean something on another system, or to a reader, between two engines with their own disks. */

const bench = new Bench();
afterEach(() => bench.dispose());

/** What is nothing special here, and cannot be on Windows, or is a device, a stream or a path there. */
const OF_ANOTHER_SYSTEM = [
  'aux.c',
  'con.txt',
  'nul',
  'LPT1',
  'x\\y',
  '..\\up',
  'dev-disk-by\\x2duuid.device',
  'a:b',
  'c:notes',
  'end.',
  'end ',
  'what?*',
  '<"|">',
];

describe.runIf(process.platform === 'linux')('names that another system cannot hold', () => {
  it('arrive as they are, chosen by themselves and in a folder, and nothing is left out', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('source');
    const chosen: string[] = [];
    for (const name of OF_ANOTHER_SYSTEM) {
      await mkdir(join(source, `in ${name}`, name), { recursive: true });
      await writeFile(join(source, `in ${name}`, name, name), name);
      await writeFile(join(source, name), name);
      chosen.push(join(source, name), join(source, `in ${name}`));
    }
    const { sent } = await sendAndAccept(sender, receiver, chosen);
    const into = await bench.folder('second-received');
    expect(await listTree(into)).toEqual(await listTree(source));
    expect((await readdir(into)).sort()).toEqual((await readdir(source)).sort());
    expect(sent.state.kind).toBe('done');
  });
});
