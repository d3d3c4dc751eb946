import { writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { TransferView } from '../../shared/views.ts';
import { diskOfTest } from '../support/disk-of-test.ts';
import { Bench } from '../support/engines.ts';
import { canMount } from '../support/small-disk.ts';
import { noise } from '../support/tree.ts';

/**
 * Several transfers at once onto a disk that has no room for all of them. It takes root to mount one: `npm
 * test` runs as root in CI.
 */

const MIB = 1024 * 1024;
const RESERVE = 16 * MIB;

const bench = new Bench();
afterEach(() => bench.dispose());

describe.runIf(canMount)(
  'two transfers that are accepted at once onto a disk for one',
  { timeout: 120_000 },
  () => {
    it('leave free what is kept free: one is done, the other one has no space', async () => {
      const small = await diskOfTest(64 * MIB);
      const [sender, receiver] = await bench.pair({ second: { downloads: small.folder } });
      await receiver.changeDevice(sender.snapshot().self.id, { accept: 'always' });
      const device = receiver.snapshot().self.id;
      const ids = await Promise.all(
        ['one', 'two'].map(async (name, index) => {
          const file = await bench.folder(name);
          await writeFile(file, noise(40 * MIB, index + 1));
          return sender.send({ device, paths: [file] });
        }),
      );
      let least = Infinity;
      const settled = (view: TransferView | undefined): boolean =>
        view !== undefined && ['done', 'waiting', 'failed'].includes(view.state.kind);
      const views = (): readonly (TransferView | undefined)[] =>
        ids.map((id) => sender.snapshot().transfers.find((each) => each.id === id));
      while (!views().every(settled)) {
        least = Math.min(least, small.free);
        await pause(5);
      }
      expect(Math.min(least, small.free)).toBeGreaterThanOrEqual(RESERVE);
      const ends = views().map((view) => view?.state);
      expect(ends.filter((state) => state?.kind === 'done')).toHaveLength(1);
      const other = ends.find((state) => state?.kind !== 'done');
      expect(other).toMatchObject({ error: { code: 'no-space' } });
    });
  },
);
