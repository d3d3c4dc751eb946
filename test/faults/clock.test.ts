import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { formatAgo } from '../../shared/format.ts';
import {
  Bench,
  acceptOffer,
  endOf,
  offerTo,
  pairEngines,
  pairingIn,
  sendAndAccept,
} from '../support/engines.ts';
import { makeTree, noise, listTree } from '../support/tree.ts';

/** Devices whose clocks are wrong by a day, either way, or jump while they work. */

const bench = new Bench();
afterEach(() => bench.dispose());

const DAY_MS = 24 * 60 * 60_000;
const clockOff = (ms: number) => ({ now: () => Date.now() + ms });

describe.each([
  ['a day ahead', DAY_MS],
  ['a day behind', -DAY_MS],
])('a device whose clock is %s', (_how, off) => {
  it('sends and receives like any other, and what it saw is not in the future', async () => {
    const wrong = await bench.engine('wrong', clockOff(off));
    const right = await bench.engine('right');
    // Good for longer than the clocks differ: see below.
    await pairEngines(wrong, right, { lifetimeMs: 2 * DAY_MS });
    const source = await bench.folder('Work');
    await makeTree(source, { small: 10, large: 500_000 });
    for (const [from, to] of [
      [wrong, right],
      [right, wrong],
    ] as const) {
      const { received } = await sendAndAccept(from, to, [source]);
      expect(received.state.kind).toBe('done');
    }
    const folders = ['wrong-received', 'right-received'];
    for (const folder of folders) {
      expect(await listTree(join(await bench.folder(folder), 'Work'))).toEqual(await listTree(source));
    }
    for (const engine of [wrong, right]) expect(engine.snapshot().transfers).toHaveLength(2);
    // Set right again, it has seen things a day from now.
    for (const { lastSeen } of wrong.snapshot().devices) {
      expect(formatAgo(Date.now() - (lastSeen ?? 0))).not.toMatch(/-/);
    }
  });

  it('makes an invite that another one takes, or calls expired and nothing else', async () => {
    const inviter = await bench.engine('inviter', clockOff(off));
    const invitee = await bench.engine('invitee');
    const { link } = await inviter.createInvite();
    const expected = off > 0 ? 'comparing' : 'invite-expired';
    const shown = pairingIn(invitee, ['comparing', 'failed']);
    const outcome = await invitee.pair(link).then(
      async () => (await shown).state.kind,
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : 'no code'),
    );
    expect(outcome).toBe(expected);
  });

  it('takes an invite of another one, or calls it expired and nothing else', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee', clockOff(off));
    const { link } = await inviter.createInvite();
    const expected = off < 0 ? 'comparing' : 'invite-expired';
    const shown = pairingIn(invitee, ['comparing', 'failed']);
    const outcome = await invitee.pair(link).then(
      async () => (await shown).state.kind,
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : 'no code'),
    );
    expect(outcome).toBe(expected);
  });
});

describe('a clock that jumps', () => {
  it.each([
    ['forward', DAY_MS],
    ['back', -DAY_MS],
  ])('%s by a day in the middle of a transfer makes no difference to it', async (_how, jump) => {
    let off = 0;
    const now = () => Date.now() + off;
    const [sender, receiver] = await bench.pair({ first: { now }, second: { now } });
    const source = await bench.folder('film.mov');
    await writeFile(source, noise(48 * 1024 * 1024));
    const offered = offerTo(receiver);
    const id = await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    const ends = [endOf(sender, id), endOf(receiver, id)];
    const offer = await offered;
    sender.subscribe((event) => {
      if (event.type === 'transfer' && event.transfer.state.kind === 'running') off = jump;
    });
    await acceptOffer(receiver, offer);
    for (const { state } of await Promise.all(ends)) {
      if (state.kind !== 'done') throw new Error(`ended ${JSON.stringify(state)}`);
      expect(state.outcome.seconds).toBeGreaterThan(0);
      expect(state.outcome.seconds).toBeLessThan(3600);
    }
    expect(off).toBe(jump);
  });

  it('forward by a day ends the invites that are out, and no trust', async () => {
    let off = 0;
    const [device, other] = await bench.pair({ first: { now: () => Date.now() + off } });
    await device.createInvite();
    off = DAY_MS;
    expect(device.snapshot().invites.filter(({ state }) => state === 'open')).toEqual([]);
    expect(device.snapshot().devices).toMatchObject([{ id: other.snapshot().self.id }]);
  });
});
