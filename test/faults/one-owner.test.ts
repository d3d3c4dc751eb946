import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { TransferId } from '../../shared/views.ts';
import { Bench, acceptOffer, offerTo, transferIn } from '../support/engines.ts';
import { noise } from '../support/tree.ts';

/**
 * Several processes of one profile that want to go on with the same transfer: the window and a command, or
 * two commands.
 */

const bench = new Bench();
afterEach(() => bench.dispose());

/** Two profiles between which a transfer has stopped half-way. */
async function unfinished(): Promise<{ id: TransferId; sender: string; receiver: string }> {
  const [sender, receiver] = await bench.pair();
  const film = await bench.folder('film.mov');
  await writeFile(film, noise(48 * 1024 * 1024));
  const offered = offerTo(receiver);
  const id = await sender.send({ device: receiver.snapshot().self.id, paths: [film] });
  const offer = await offered;
  const running = transferIn(sender, ['running'], id);
  await acceptOffer(receiver, offer);
  await running;
  await Promise.all([sender.close(), receiver.close()]);
  return { id, sender: await bench.folder('first-profile'), receiver: await bench.folder('second-profile') };
}

interface Starter {
  /** Starts the device, and gives whether the transfer is its own. */
  readonly start: () => Promise<string>;
  readonly kill: () => Promise<void>;
}

async function starter(profile: string, id: TransferId): Promise<Starter> {
  const fixture = join(import.meta.dirname, 'fixtures', 'own-transfer.ts');
  const child = spawn(process.execPath, [fixture, profile, id], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    start: async () => {
      child.stdin.write('start\n');
      return z.object({ value: z.string() }).parse(await lines.next()).value;
    },
    kill: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe('of two processes that start at the same moment', { timeout: 120_000 }, () => {
  it.each(['sender', 'receiver'] as const)(
    'on the profile of the %s, one goes on with the transfer, again and again after both were killed',
    async (side) => {
      const { id, [side]: profile } = await unfinished();
      for (let round = 0; round < 8; round += 1) {
        const both = [await starter(profile, id), await starter(profile, id)];
        const said = await Promise.all(both.map(({ start }) => start()));
        await Promise.all(both.map(({ kill }) => kill()));
        expect({ round, said: said.toSorted() }).toEqual({ round, said: ['mine', 'other'] });
      }
      const folder = join(profile, 'transfers', id);
      expect(await readdir(folder)).toContain('job.json');
      expect(JSON.parse(await readFile(join(folder, 'job.json'), 'utf8'))).toMatchObject({
        id,
        paused: true,
      });
    },
  );
});

describe('two devices in one process, on one profile', { timeout: 60_000 }, () => {
  it('are told apart: what the first goes on with is no other’s until that is closed', async () => {
    const { id } = await unfinished();
    const options = { resumeSends: true };
    const [one, other] = [await bench.engine('first', options), await bench.engine('first', options)];
    await one.pauseTransfer(id);
    await expect(other.pauseTransfer(id)).rejects.toMatchObject({ code: 'unknown-transfer' });
    await one.close();
    const third = await bench.engine('first', options);
    await third.pauseTransfer(id);
  });
});
