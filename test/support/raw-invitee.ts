import { randomBytes } from 'node:crypto';
import type { Engine } from '../../src-main/engine/index.ts';
import type { Identity } from '../../src-main/engine/identity/identity.ts';
import { parseInvite } from '../../src-main/engine/pairing/invite-token.ts';
import { inviteProof } from '../../src-main/engine/pairing/proof.ts';
import { ALPN_PAIR, PAIR_PROTOCOL } from '../../shared/messages.ts';
import type { PairingId } from '../../shared/views.ts';
import { pairingIn } from './engines.ts';
import { RawPeer } from './raw-peer.ts';

/**
 * An invitee by hand, up to the code: the rest is the test's to say, and when. `atOnce` is called when the invitee has heard
 * everything, which is a little before the inviter's user is asked.
 */
export async function introduceByHand(
  inviter: Engine,
  identity: Identity,
  atOnce: (peer: RawPeer) => void = () => undefined,
): Promise<{ readonly peer: RawPeer; readonly id: PairingId }> {
  const invite = await parseInvite((await inviter.createInvite()).link, { now: Date.now() });
  const peer = await RawPeer.dial(inviter.snapshot().port ?? 0, ALPN_PAIR, identity);
  const keys = {
    exporter: peer.exporter(PAIR_PROTOCOL.exporterLabel),
    inviterSpki: invite.spki,
    inviteeSpki: identity.spki,
  };
  const comparing = pairingIn(inviter, ['comparing']);
  peer.message('request', {
    token: invite.token,
    proof: inviteProof('invitee', { secret: invite.secret, ...keys }),
    name: 'hostile',
    hosts: [],
    port: 0,
  });
  await peer.expect('challenge');
  peer.message('nonce', { nonce: randomBytes(32) });
  await peer.expect('reveal');
  atOnce(peer);
  return { peer, id: (await comparing).id };
}

/** Its yes, and that it has stored the trust: all that it has to say. */
export function sayYes(peer: RawPeer): void {
  peer.message('verdict', { matches: true });
  peer.message('stored', {});
}
