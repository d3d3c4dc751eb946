import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import type { PairingId } from '../../shared/views.ts';
import { Bench, pairingIn } from '../support/engines.ts';
import { victimAndHostile } from '../support/hostile-device.ts';
import { introduceByHand, sayYes } from '../support/raw-invitee.ts';
import { SealaneCommand } from '../support/sealane-command.ts';

/** Pairing, and what the user or another process does meanwhile: the later word of the user counts, whatever the peer says when. */

const bench = new Bench();
afterEach(() => bench.dispose());

const stateOf = (engine: Engine, id: PairingId) =>
  engine.snapshot().pairings.find((pairing) => pairing.id === id)?.state;

const failedWith = (code: string) => ({ kind: 'failed', error: { code } });

/** The peer has begun to hear what the user answered, so the answer has been taken in. */
async function confirm(engine: Engine, { peer, id }: Awaited<ReturnType<typeof introduceByHand>>) {
  engine.answerPairing(id, true);
  await peer.expect('verdict');
}

describe('a device that is forgotten while it is being paired anew', () => {
  it('is not trusted again by a yes that it had held back', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const attempt = await introduceByHand(victim, hostile.identity);
    await confirm(victim, attempt);
    await victim.forgetDevice(hostile.id);
    sayYes(attempt.peer);
    expect(await attempt.peer.ending()).toBe('device-forgotten');
    expect(stateOf(victim, attempt.id)).toMatchObject(failedWith('device-forgotten'));
    expect(victim.snapshot().devices).toEqual([]);
  });

  it('is not trusted again when another process has forgotten it, of which this one has not heard yet', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const attempt = await introduceByHand(victim, hostile.identity);
    await confirm(victim, attempt);
    const profile = await bench.folder('victim-profile');
    const command = new SealaneCommand(['devices', 'forget', hostile.id, '--profile', profile]);
    command.child.stdin.end();
    expect(await command.ended).toMatchObject({ code: 0 });
    sayYes(attempt.peer);
    expect(await attempt.peer.ending()).toBe('device-forgotten');
    await expect.poll(() => victim.snapshot().devices).toEqual([]);
    expect(stateOf(victim, attempt.id)).toMatchObject(failedWith('device-forgotten'));
  });

  it('is not trusted again by another attempt that was under way before it was known at all', async () => {
    const victim = await bench.engine('victim');
    const identity = await generateIdentity();
    const [held, prompt] = [await introduceByHand(victim, identity), await introduceByHand(victim, identity)];
    await confirm(victim, held);
    await confirm(victim, prompt);
    const paired = pairingIn(victim, ['paired'], prompt.id);
    sayYes(prompt.peer);
    await paired;
    await victim.forgetDevice(identity.id);
    sayYes(held.peer);
    expect(await held.peer.ending()).toBe('device-forgotten');
    expect(victim.snapshot().devices).toEqual([]);
    // What has ended before that stays what it was.
    expect(stateOf(victim, prompt.id)).toMatchObject({ kind: 'paired' });
  });

  it('is forgotten, whichever of the two is stored first', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    for (const yesFirst of [false, true, false, true]) {
      const again = await introduceByHand(victim, hostile.identity);
      await confirm(victim, again);
      if (yesFirst) sayYes(again.peer);
      const forgotten = victim.forgetDevice(hostile.id);
      if (!yesFirst) sayYes(again.peer);
      await forgotten;
      await again.peer.ending();
      expect(victim.snapshot().devices).toEqual([]);
      const anew = await introduceByHand(victim, hostile.identity);
      await confirm(victim, anew);
      sayYes(anew.peer);
      expect(await anew.peer.ending()).toBe('closed');
      expect(victim.snapshot().devices).toHaveLength(1);
    }
  });
});

describe('what the user sets for a device while it is being paired anew', () => {
  it('stays as the user has set it, at whatever moment of the storing', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    for (let round = 0; round < 4; round += 1) {
      await victim.changeDevice(hostile.id, { accept: 'always', name: 'before', into: '/before' });
      const attempt = await introduceByHand(victim, hostile.identity);
      await confirm(victim, attempt);
      const set = { accept: 'ask', name: `after ${String(round)}`, into: null } as const;
      const changed = victim.changeDevice(hostile.id, set);
      sayYes(attempt.peer);
      expect(await changed).toMatchObject(set);
      expect(await attempt.peer.ending()).toBe('closed');
      expect(victim.snapshot().devices).toMatchObject([set]);
    }
  });
});

describe('a pairing that both have said yes to', () => {
  it.each(['stored', 'verdict'] as const)(
    'is told as it is, whatever the peer says while the trust is stored: %s, and once more',
    async (type) => {
      const victim = await bench.engine('victim');
      const identity = await generateIdentity();
      const { peer, id } = await introduceByHand(victim, identity);
      const end = pairingIn(victim, ['paired', 'failed'], id);
      victim.answerPairing(id, true);
      peer.message('verdict', { matches: true });
      for (let count = 0; count < 3; count += 1)
        if (type === 'stored') peer.message('stored', {});
        else peer.message('verdict', { matches: false });
      expect((await end).state.kind).toBe('paired');
      expect(victim.snapshot().devices.map((device) => device.id)).toEqual([identity.id]);
    },
  );
});

describe('a yes to an attempt that is over', () => {
  /** What had begun to be stored by now is in the list after this. */
  const settled = (engine: Engine) => engine.renameSelf('victim');

  it('stores no trust when the peer has said yes and left', async () => {
    const victim = await bench.engine('victim');
    const { peer, id } = await introduceByHand(victim, await generateIdentity());
    const failed = pairingIn(victim, ['failed'], id);
    peer.message('verdict', { matches: true });
    peer.socket.end();
    const { state } = await failed;
    victim.answerPairing(id, true);
    await settled(victim);
    expect(victim.snapshot().devices).toEqual([]);
    expect(stateOf(victim, id)).toEqual(state);
  });

  it('tells the no that had come before it, though the connection is closed by then', async () => {
    const victim = await bench.engine('victim');
    victim.subscribe((event) => {
      if (event.type === 'pairing' && event.pairing.state.kind === 'comparing')
        victim.answerPairing(event.pairing.id, true);
    });
    for (let round = 0; round < 5; round += 1) {
      const failed = pairingIn(victim, ['failed']);
      await introduceByHand(victim, await generateIdentity(), (peer) => {
        peer.message('verdict', { matches: false });
        peer.socket.end();
      });
      expect((await failed).state).toMatchObject(failedWith('code-mismatch'));
    }
  });

  it('stores no trust when the user has cancelled', async () => {
    const victim = await bench.engine('victim');
    const { peer, id } = await introduceByHand(victim, await generateIdentity());
    peer.message('verdict', { matches: true });
    // By the time that another attempt has come as far, what this peer said before has been taken in.
    await introduceByHand(victim, await generateIdentity());
    victim.cancelPairing(id);
    victim.answerPairing(id, true);
    await settled(victim);
    expect(await peer.ending()).toBe('pairing-cancelled');
    victim.answerPairing(id, true);
    await settled(victim);
    expect(victim.snapshot().devices).toEqual([]);
    expect(stateOf(victim, id)).toMatchObject(failedWith('pairing-cancelled'));
  });

  it('stores no trust when the user has said no', async () => {
    const victim = await bench.engine('victim');
    const { peer, id } = await introduceByHand(victim, await generateIdentity());
    victim.answerPairing(id, false);
    sayYes(peer);
    victim.answerPairing(id, true);
    await settled(victim);
    expect(victim.snapshot().devices).toEqual([]);
    expect(stateOf(victim, id)).toMatchObject(failedWith('code-mismatch'));
  });
});
