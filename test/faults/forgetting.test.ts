import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import { diskOfTest } from '../support/disk-of-test.ts';
import { Bench, endOf, transferIn } from '../support/engines.ts';
import { canMount } from '../support/small-disk.ts';
import type { SmallDisk } from '../support/small-disk.ts';

/**
 * Forgetting a device whose files, or anybody's, have taken the disk that the profile is on. It takes root to
 * mount one: `npm test` runs as root in CI.
 */

const MIB = 1024 * 1024;
const RESERVE = 16 * MIB;

const bench = new Bench();
afterEach(() => bench.dispose());

/** A device that sends, and one that takes all it gets without asking, with its profile and its inbox on a small disk. */
async function onSmallDisk(kind: 'memory' | 'ext4'): Promise<{
  readonly small: SmallDisk;
  readonly sender: Engine;
  readonly receiver: Engine;
  readonly profile: string;
}> {
  const small = await diskOfTest(64 * MIB, kind);
  const profile = join(small.folder, 'profile');
  const downloads = await small.place('inbox');
  const [sender, receiver] = await bench.pair({ second: { profile, downloads } });
  await receiver.changeDevice(sender.snapshot().self.id, { accept: 'always' });
  return { small, sender, receiver, profile };
}

describe.runIf(canMount)('a device that is forgotten', { timeout: 120_000 }, () => {
  it('while it sends empty folders onto a disk that somebody else fills leaves free what is kept free', async () => {
    const { small, sender, receiver, profile } = await onSmallDisk('ext4');
    const source = await bench.folder('Folders');
    // As many as fit at first: each takes a block.
    for (let n = 0; n < 8000; n += 1) mkdirSync(join(source, `folder ${n}`), { recursive: true });
    const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    const stopped = transferIn(sender, ['waiting', 'failed', 'done'], id);
    await transferIn(receiver, ['running']);
    await small.leave(RESERVE + 4 * MIB);
    expect((await stopped).state).toMatchObject({ error: { code: 'no-space' } });
    // What the journal and the history take besides is little.
    expect(small.free).toBeGreaterThan(RESERVE - MIB);
    await receiver.forgetDevice(sender.snapshot().self.id);
    await receiver.close();
    const again = await bench.engine('second', { profile });
    expect(again.snapshot().devices).toEqual([]);
  });

  it('is unknown at once on a disk that is full to the last byte, and for good once there is room', async () => {
    const { small, sender, receiver, profile } = await onSmallDisk('memory');
    const source = await bench.folder('Folder');
    mkdirSync(source);
    small.fill();
    const forgotten = receiver.forgetDevice(sender.snapshot().self.id);
    expect(receiver.snapshot().devices).toEqual([]);
    await expect(forgotten).rejects.toMatchObject({ code: 'profile-unusable' });
    expect(receiver.snapshot().devices).toEqual([]);
    const refused = endOf(sender);
    await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    expect((await refused).state).toMatchObject({ kind: 'failed', error: { code: 'not-trusted' } });
    small.clear();
    // The store writes it by itself.
    let devices: readonly unknown[] = ['not asked yet'];
    while (devices.length > 0) {
      await pause(500);
      const reader = await bench.engine('reader', { profile });
      devices = reader.snapshot().devices;
      await reader.close();
    }
  });
});
