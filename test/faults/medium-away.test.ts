import { writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { diskOfTest } from '../support/disk-of-test.ts';
import { Bench } from '../support/engines.ts';
import { leaveHalfWay } from '../support/half-way.ts';
import { canMount } from '../support/small-disk.ts';
import { namesIn, noise } from '../support/tree.ts';

/** What has arrived lies on a medium that is pulled out. It takes root to mount one: `npm test` runs as root in CI. */

const MIB = 1024 * 1024;
const BYTES = 24 * MIB;

const bench = new Bench();
afterEach(() => bench.dispose());

const staging = async (folder: string) =>
  (await namesIn(folder)).filter((name) => name.startsWith('.sealane-'));

describe.runIf(canMount)(
  'a transfer that is cancelled while its medium is away',
  { timeout: 120_000 },
  () => {
    it('says so, and what had arrived is removed once the medium is back', async () => {
      const stick = await diskOfTest(96 * MIB, 'ext4');
      const [sender, receiver] = await bench.pair({ second: { downloads: stick.folder } });
      const line = await bench.lineTo(receiver);
      const film = await bench.folder('film.bin');
      await writeFile(film, noise(BYTES));
      const to = { host: '127.0.0.1', port: line.port };
      const id = await sender.send({ device: receiver.snapshot().self.id, paths: [film], to });
      await leaveHalfWay({ sender, receiver, id, line, bytes: BYTES / 2 });
      await receiver.close();
      await stick.pullOut();

      const visitor = await bench.engine('second', { answers: 'own-transfers' });
      expect(await visitor.partialData(id)).toMatchObject({ into: stick.folder, isThere: false });
      const { transfer, leftover } = await visitor.cancelUnfinished(id);
      expect(transfer.state).toEqual({ kind: 'cancelled', by: 'me' });
      expect(leftover).toMatchObject({ into: stick.folder, isThere: false });
      // Also where it is not in the list any more.
      await visitor.removeTransfer(id);
      await visitor.close();

      await (await bench.engine('second')).close();
      await stick.plugIn();
      expect(await staging(stick.folder)).not.toEqual([]);
      const back = await bench.engine('second');
      expect(await staging(stick.folder)).toEqual([]);
      expect(back.snapshot().transfers).toEqual([]);
      expect(await back.partialData(id)).toBeNull();
    });
  },
);
