import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Engine } from '../../src-main/engine/index.ts';
import type { TransferId } from '../../shared/views.ts';
import { Bench, acceptOffer, endOf, offerTo } from '../support/engines.ts';
import { leaveHalfWay } from '../support/half-way.ts';
import { namesIn, noise } from '../support/tree.ts';

/** Transfers to which nothing happens any more, on clocks that a test turns. */

const DAY = 24 * 60 * 60_000;
const noteSchema = z.looseObject({ looked: z.number() });
const BYTES = 24 * 1024 * 1024;

const bench = new Bench();
afterEach(() => bench.dispose());

interface Left {
  readonly sender: Engine;
  readonly id: TransferId;
  readonly film: string;
  /** Starts the receiver once more, so much later by its clock. */
  readonly later: (days: number) => Promise<Engine>;
  /** What time it is there, in milliseconds since 1970. */
  readonly clock: () => number;
}

/** Half of a film has arrived, and its sender is away. */
async function leftHalfWay(): Promise<Left> {
  const [sender, receiver] = await bench.pair();
  const line = await bench.lineTo(receiver);
  const film = await bench.folder('film.bin');
  await writeFile(film, noise(BYTES));
  const to = { host: '127.0.0.1', port: line.port };
  const id = await sender.send({ device: receiver.snapshot().self.id, paths: [film], to });
  await leaveHalfWay({ sender, receiver, id, line, bytes: BYTES / 2 });
  await receiver.close();
  let clock = Date.now();
  const later = async (days: number) => {
    clock += days * DAY;
    return await bench.engine('second', { now: () => clock });
  };
  return { sender, id, film, later, clock: () => clock };
}

const stateOf = (engine: Engine, id: TransferId) =>
  engine.snapshot().transfers.find((transfer) => transfer.id === id)?.state;
const received = async () => await namesIn(await bench.folder('second-received'));

/** Looks once each day, for so many days; closing waits until it has looked. */
async function pass(later: Left['later'], days: number): Promise<void> {
  for (let day = 0; day < days; day += 1) await (await later(1)).close();
}

/** Resolves once the engine that was started last has looked. */
async function hasLooked({ clock }: Left): Promise<void> {
  const file = await bench.folder('second-profile/idle.json');
  const looked = async () => noteSchema.parse(JSON.parse(await readFile(file, 'utf8'))).looked;
  await expect.poll(looked, { timeout: 20_000 }).toBe(clock());
}

describe('a transfer to which nothing happens', { timeout: 120_000 }, () => {
  it('is given up after the days that were set, what had arrived is gone, and its sender hears it', async () => {
    const { id, film, later } = await leftHalfWay();
    const first = await later(0);
    expect(first.expiry()).toBe(30);
    await first.setExpiry(3);
    await first.close();
    await pass(later, 2);
    expect(await received()).not.toEqual([]);
    const receiver = await later(1);
    await expect.poll(received, { timeout: 20_000 }).toEqual([]);
    await expect.poll(() => stateOf(receiver, id)?.kind, { timeout: 20_000 }).toBe('failed');
    expect(stateOf(receiver, id)).toMatchObject({ kind: 'failed', error: { code: 'expired' } });
    const sender = await bench.engine('first');
    const to = { host: '127.0.0.1', port: receiver.snapshot().port ?? 0 };
    const device = receiver.snapshot().self.id;
    const again = await sender.send({ device, paths: [film], to });
    expect(again).toBe(id);
    expect((await endOf(sender, id)).state).toEqual({ kind: 'cancelled', by: 'peer' });
    // What is sent after that is a transfer of its own, and arrives.
    const fresh = await sender.send({ device, paths: [film], to });
    const done = endOf(receiver, fresh);
    await acceptOffer(receiver, await offerTo(receiver, fresh));
    expect((await done).state.kind).toBe('done');
  });

  it('stays where the clock jumps 400 days ahead, and back', async () => {
    const left = await leftHalfWay();
    const { id, later } = left;
    for (const days of [0, 400]) {
      const engine = await later(days);
      await hasLooked(left);
      expect(stateOf(engine, id)?.kind).toBe('waiting');
      await engine.close();
    }
    const after = await later(-400);
    await hasLooked(left);
    expect(stateOf(after, id)?.kind).toBe('waiting');
    expect(await received()).not.toEqual([]);
  });

  it('stays for ever where that was set', async () => {
    const { id, later } = await leftHalfWay();
    const first = await later(0);
    await first.setExpiry(null);
    await first.close();
    await pass(later, 33);
    expect(stateOf(await later(0), id)?.kind).toBe('waiting');
    expect(existsSync(await bench.folder('second-received'))).toBe(true);
  });
});
