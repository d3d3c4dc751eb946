import { statSync } from 'node:fs';
import { mkdir, readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAX_ALL_DETAILS_BYTES, MAX_DETAILS_BYTES } from '../../../../shared/limits.ts';
import type { TransferDetail, TransferId, TransferView } from '../../../../shared/views.ts';
import { Details } from '../../../../src-main/engine/store/details.ts';
import { deviceId, running, temporaryFolder, transfer, transferId } from './support.ts';

const HALF = MAX_ALL_DETAILS_BYTES / 2;
/** What is kept of a transfer is not asked about here. */
const STATE = running(0);
const sent = (n: number) => transfer(n, STATE);
const receivedFrom = (name: string, n: number) =>
  transfer(n, STATE, { direction: 'receive', device: { id: deviceId(name), name } });

interface World {
  readonly details: Details;
  readonly folder: string;
  /** Newest first, as the history has them. */
  views: readonly TransferView[];
  unfinished: readonly TransferId[];
}

async function makeWorld(): Promise<World> {
  const folder = join(await temporaryFolder(), 'details');
  await mkdir(folder);
  const world = { folder, views: [], unfinished: [] };
  const details = new Details({
    folder,
    views: () => lasting.views,
    unfinished: () => Promise.resolve(lasting.unfinished),
  });
  const lasting: World = Object.assign(world, { details });
  return lasting;
}

/** A list of so many bytes, of which the disk holds nothing. */
async function lay({ folder }: World, n: number, bytes: number): Promise<void> {
  const file = join(folder, transferId(n));
  await writeFile(file, '');
  await truncate(file, bytes);
}

async function swept({ details, folder }: World): Promise<readonly string[]> {
  details.sweep();
  await details.idle();
  return (await readdir(folder)).sort();
}

const ids = (...numbers: readonly number[]) => numbers.map(transferId).sort();

describe('the lists of all that was left out or renamed', () => {
  it('stay as long as those of what was sent take together no more than they may, to the byte', async () => {
    const world = await makeWorld();
    world.views = [sent(3), sent(2), sent(1)];
    await lay(world, 3, HALF);
    await lay(world, 2, HALF - 1);
    await lay(world, 1, 1);
    expect(await swept(world)).toEqual(ids(1, 2, 3));
  });

  it('go, the oldest first, where they take a byte more', async () => {
    const world = await makeWorld();
    world.views = [sent(3), sent(2), sent(1)];
    await lay(world, 3, HALF);
    await lay(world, 2, HALF);
    await lay(world, 1, 1);
    expect(await swept(world)).toEqual(ids(2, 3));
  });

  it('are bounded for each device and for what was sent: no device pushes out what is not its own', async () => {
    const world = await makeWorld();
    const flood = [9, 8, 7].map((n) => receivedFrom('mallory', n));
    world.views = [...flood, receivedFrom('alice', 2), sent(1)];
    for (const n of [9, 8, 7]) await lay(world, n, HALF);
    await lay(world, 2, MAX_ALL_DETAILS_BYTES);
    await lay(world, 1, MAX_ALL_DETAILS_BYTES);
    expect(await swept(world)).toEqual(ids(1, 2, 8, 9));
  });

  it('go with what the history has no more, and stay where somebody may be at the transfer', async () => {
    const world = await makeWorld();
    world.views = [sent(1)];
    world.unfinished = [transferId(2)];
    for (const n of [1, 2, 3]) await lay(world, n, 1);
    await writeFile(join(world.folder, 'not a list'), '');
    expect(await swept(world)).toEqual([...ids(1, 2), 'not a list']);
  });
});

describe('a list of more than is kept of one transfer', () => {
  it('has the first of it, line by line, as many as fit', async () => {
    const { details, folder } = await makeWorld();
    const path = (n: number) => `${String(n).padStart(6, '0')} ${'x'.repeat(1000)}`;
    const all = Array.from({ length: 5_000 }, (_, n): TransferDetail => {
      return { kind: 'skipped', path: path(n), reason: 'vanished' };
    });
    const id = transferId(1);
    await details.put(id, all);
    const line = `${JSON.stringify(all[0])}\n`.length;
    const count = Math.floor(MAX_DETAILS_BYTES / line);
    expect(count).toBeLessThan(all.length);
    expect(statSync(join(folder, id)).size).toBe(count * line);
    expect((await readFile(join(folder, id), 'utf8')).endsWith('}\n')).toBe(true);
    const read: TransferDetail[] = [];
    for await (const page of details.pages(id)) read.push(...page);
    expect(read).toEqual(all.slice(0, count));
  });
});
