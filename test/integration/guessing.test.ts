import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src-main/engine/index.ts';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import { parseInvite } from '../../src-main/engine/pairing/invite-token.ts';
import { inviteProof } from '../../src-main/engine/pairing/proof.ts';
import { MAX_INVITE_FAILURES, MAX_PAIRING_FAILURES_PER_ADDRESS } from '../../shared/limits.ts';
import { FRAME_TYPES } from '../../shared/frame-types.ts';
import { ALPN_PAIR, PAIR_PROTOCOL } from '../../shared/messages.ts';
import { Bench, pairEngines } from '../support/engines.ts';
import { foreignToken } from '../support/foreign-token.ts';
import { RawPeer } from '../support/raw-peer.ts';

/** Whoever tries out invites and proofs: how often that is judged, and that an honest invitee is not the one who pays. */

const bench = new Bench();
afterEach(() => bench.dispose());

/** Shows a token with a proof out of thin air, from one of this machine's own addresses; gives the code of the refusal. */
async function guess(engine: Engine, token: string, localAddress = '127.0.0.1'): Promise<string> {
  const peer = await RawPeer.dial(engine.snapshot().port ?? 0, ALPN_PAIR, await generateIdentity(), {
    localAddress,
  });
  peer.message('request', { token, proof: randomBytes(32), name: 'guesser', hosts: [], port: 0 });
  const code = await peer.ending();
  peer.close();
  return code;
}

async function exhaust(engine: Engine, token: string): Promise<void> {
  for (let i = 0; i < MAX_PAIRING_FAILURES_PER_ADDRESS; i += 1) {
    expect(await guess(engine, token)).toBe('invite-bad-signature');
  }
}

describe('guessing', () => {
  it('with invites of somebody else: after some attempts from an address nothing is judged any more', async () => {
    const inviter = await bench.engine('inviter');
    const foreign = await foreignToken();
    await exhaust(inviter, foreign);
    expect(await guess(inviter, foreign)).toBe('too-many-attempts');
    expect(await guess(inviter, 'anything')).toBe('too-many-attempts');
    expect(await guess(inviter, foreign, '127.0.0.2')).toBe('invite-bad-signature');
    expect(inviter.snapshot().devices).toEqual([]);
  });

  it('does not shut out who was given an invite, at the very same address', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    await exhaust(inviter, await foreignToken());
    await pairEngines(inviter, invitee);
    expect(inviter.snapshot().devices).toMatchObject([{ id: invitee.snapshot().self.id }]);
  });

  it('CVE-2025-32898 (KDE Connect): with proofs of an invite that was seen: it is spent after five, from wherever they come', async () => {
    const inviter = await bench.engine('inviter');
    const { token } = await inviter.createInvite();
    for (let i = 0; i < MAX_INVITE_FAILURES; i += 1) {
      expect(await guess(inviter, token, `127.0.0.${String(10 + i)}`)).toBe('invite-proof-failed');
    }
    expect(await guess(inviter, token, '127.0.0.99')).toBe('invite-used');
    expect(inviter.snapshot().invites).toMatchObject([{ state: 'spent' }]);
    expect(inviter.snapshot().devices).toEqual([]);
  });

  it('that proves nothing is shown to nobody, however often and from wherever, and pushes nothing off the screen', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    await pairEngines(inviter, invitee);
    const [paired] = inviter.snapshot().pairings;
    const shown = new Set<string>();
    inviter.subscribe((event) => {
      if (event.type === 'pairing') shown.add(event.pairing.id);
    });
    const foreign = await foreignToken();
    for (let i = 0; i < 20; i += 1) {
      await guess(inviter, foreign, `127.0.0.${String(10 + i)}`);
      await guess(inviter, 'anything', `127.0.0.${String(10 + i)}`);
    }
    expect(shown.size).toBe(0);
    expect(inviter.snapshot().pairings).toEqual([paired]);
  });
});

/** Shows an invite with the proof that belongs to it, or another one; whoever that is holds on to the connection. */
async function prove(engine: Engine, token: string, instead?: Uint8Array): Promise<RawPeer> {
  const { secret, spki: inviterSpki } = await parseInvite(token, { now: Date.now() });
  const identity = await generateIdentity();
  const peer = await RawPeer.dial(engine.snapshot().port ?? 0, ALPN_PAIR, identity);
  peer.stays();
  const exporter = peer.exporter(PAIR_PROTOCOL.exporterLabel);
  const proof =
    instead ?? inviteProof('invitee', { secret, exporter, inviterSpki, inviteeSpki: identity.spki });
  peer.message('request', { token, proof, name: 'holder', hosts: [], port: 0 });
  return peer;
}

describe('holders of an invite', () => {
  it('who break off take a place no longer than that, though they let go of no connection', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    const holders: RawPeer[] = [];
    for (let i = 0; i < 6; i += 1) {
      const { token } = await inviter.createInvite();
      const wrong = await prove(inviter, token, randomBytes(32));
      expect(await wrong.ending()).toBe('invite-proof-failed');
      const holder = await prove(inviter, token);
      await holder.expect('challenge');
      holder.message('verdict', { matches: true });
      expect(await holder.ending()).toBe('frame-out-of-order');
      holders.push(wrong, holder);
    }
    await pairEngines(inviter, invitee);
    for (const holder of holders) holder.close();
  });

  it('have one place for each invite, however many show it at the same moment', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    const shown = new Set<string>();
    inviter.subscribe((event) => {
      if (event.type === 'pairing') shown.add(event.pairing.id);
    });
    const { token } = await inviter.createInvite();
    const holders = await Promise.all(Array.from({ length: 8 }, () => prove(inviter, token)));
    const answers = await Promise.all(
      holders.map(async (holder) =>
        (await holder.next())?.type === FRAME_TYPES.challenge ? 'taken' : 'refused',
      ),
    );
    expect(answers.filter((answer) => answer === 'taken')).toHaveLength(1);
    expect(shown.size).toBe(1);
    await pairEngines(inviter, invitee);
    for (const holder of holders) holder.close();
  });
});

describe('strangers who dial to pair and say nothing', () => {
  it('are shown to nobody, and take the place of no honest invitee', async () => {
    const inviter = await bench.engine('inviter');
    const invitee = await bench.engine('invitee');
    const port = inviter.snapshot().port ?? 0;
    const stranger = await generateIdentity();
    const silent = await Promise.all(
      Array.from({ length: 20 }, () => RawPeer.dial(port, ALPN_PAIR, stranger)),
    );
    expect(inviter.snapshot().pairings).toEqual([]);
    await pairEngines(inviter, invitee);
    expect(inviter.snapshot().pairings).toMatchObject([{ state: { kind: 'paired' } }]);
    for (const peer of silent) peer.close();
  });
});
