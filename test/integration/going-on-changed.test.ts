import { chmodSync, closeSync, openSync, statSync, truncateSync, utimesSync, writeSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { TransferId } from '../../shared/views.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { Bench, acceptOffer, endOf, offerTo, transferIn } from '../support/engines.ts';
import type { Proxy } from '../support/proxy.ts';
import { listTree, noise } from '../support/tree.ts';

/**
 * A source that is changed in place while its transfer is under way, so that size, inode and modification
 * time stay: two engines.
 */

const SIZE = 24_000_000;

const bench = new Bench();
afterEach(() => bench.dispose());

interface Scene {
  readonly sender: Engine;
  readonly receiver: Engine;
  readonly line: Proxy;
  readonly source: string;
  readonly file: string;
  readonly target: string;
}

async function scene(): Promise<Scene> {
  const [sender, receiver] = await bench.pair();
  const line = await bench.lineTo(receiver);
  const source = await bench.folder('Volumes');
  const file = join(source, 'volume.hc');
  await mkdir(source);
  await writeFile(file, noise(SIZE));
  utimesSync(file, 1_600_000_000, 1_600_000_000);
  return {
    sender,
    receiver,
    line,
    source,
    file,
    target: join(await bench.folder('second-received'), 'Volumes'),
  };
}

/**
 * Sends through the line, accepts, and cuts the line with half of it across; gives the transfer, which then
 * waits.
 */
async function cutHalfWay({ sender, receiver, line, source }: Scene): Promise<TransferId> {
  const to = { host: '127.0.0.1', port: line.port };
  const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source], to });
  const offer = await offerTo(receiver, id);
  const half = line.reached(line.forwarded + SIZE / 2);
  await acceptOffer(receiver, offer);
  await half;
  const waiting = [transferIn(sender, ['waiting'], id), transferIn(receiver, ['waiting'], id)];
  line.refuse();
  await Promise.all(waiting);
  return id;
}

async function bothDone({ sender, receiver, line }: Scene, id: TransferId): Promise<void> {
  const ends = [endOf(sender, id), endOf(receiver, id)];
  line.pass();
  for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('done');
}

/** Writes into the file, and sets its times back. */
function rewrite(file: string, position: number, bytes: Uint8Array): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, bytes, 0, bytes.length, position);
  closeSync(fd);
  utimesSync(file, 1_600_000_000, 1_600_000_000);
}

describe('a large file that is half across when the line is cut', () => {
  it('arrives as it is now when its first part was written in place and its time set back', async () => {
    const all = await scene();
    const { source, file, target } = all;
    const id = await cutHalfWay(all);
    const before = statSync(file, { bigint: true });
    rewrite(file, 0, noise(SIZE / 3, 7));
    const { size, ino, mtimeNs } = statSync(file, { bigint: true });
    expect({ size, ino, mtimeNs }).toEqual({ size: before.size, ino: before.ino, mtimeNs: before.mtimeNs });
    await bothDone(all, id);
    expect(await listTree(target)).toEqual(await listTree(source));
  });

  it('arrives as it is now when bytes here and there were written and its time set back', async () => {
    const all = await scene();
    const { source, file, target } = all;
    const id = await cutHalfWay(all);
    for (let n = 0; n < 20; n += 1) rewrite(file, n * 500_009, noise(11, n));
    await bothDone(all, id);
    expect(await listTree(target)).toEqual(await listTree(source));
  });

  it('crosses once when only its mode was changed', async () => {
    const all = await scene();
    const { source, file, target, line } = all;
    const id = await cutHalfWay(all);
    chmodSync(file, 0o660);
    await bothDone(all, id);
    expect(await listTree(target)).toEqual(await listTree(source));
    expect(line.forwarded).toBeLessThan(SIZE * 1.3);
  });
});

describe('a file that is across, and of which a power cut has taken most of what was noted', () => {
  it('arrives as it is now when it was written in place behind the rest, and its time set back', async () => {
    const all = await scene();
    const { source, target } = all;
    const first = join(source, 'first.hc');
    await writeFile(first, noise(SIZE / 8, 3));
    utimesSync(first, 1_600_000_000, 1_600_000_000);
    const id = await cutHalfWay(all);
    const noted = join(await bench.folder('first-profile'), 'transfers', id, 'manifest.sent');
    truncateSync(noted, 4 * 32);
    rewrite(first, SIZE / 8 - 5000, noise(1000, 7));
    await bothDone(all, id);
    expect(await listTree(target)).toEqual(await listTree(source));
  });
});
