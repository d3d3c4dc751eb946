import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { SealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { PAIR_PROTOCOL } from '../../../shared/messages.ts';
import type { Identity } from '../identity/identity.ts';
import type { Channel } from '../net/channel.ts';
import type { InviteRecord, InviteStore } from '../store/contract.ts';
import { commitment, comparisonCode, verifyCommitment } from './code.ts';
import { inviteTokenHash, verifyOwnInvite } from './invite-token.ts';
import type { Invite } from './invite-token.ts';
import { inviteProof, proofsEqual } from './proof.ts';

/**
 * The first part of pairing: the invitee shows the invite and proves that it holds its secret on this very connection, the
 * inviter proves the same, and both derive the code to compare from nonces of which the inviter's was committed to first.
 *
 *     invitee                                        inviter
 *        request {token, proof, name, port}  ──────►    verifies signature, audience, expiry, state, proof; claims the invite
 *        ◄──────  challenge {proof, commitment}
 *        nonce {nonce}                       ──────►
 *        ◄──────  reveal {nonce}
 *      both show the code: see comparison.ts
 */

export type PairChannel = Channel<typeof PAIR_PROTOCOL.messages>;

const NONCE_BYTES = 32;

/** What both sides hold once the code can be shown. */
export interface Introduction {
  /** Six digits, grouped `123 456`. */
  readonly code: string;
  /** What the other device calls itself. */
  readonly peerName: string;
  /** Where the other device listens; 0 when it does not. */
  readonly peerPort: number;
}

export interface InviterOptions {
  readonly identity: Identity;
  readonly invites: InviteStore;
  readonly now: () => number;
  /** Called with the token that the peer shows, before it is judged; throws to refuse the peer without a judgement. */
  readonly onRequest: (token: string) => void;
  /** Called once the peer has proven that it holds an open invite. */
  readonly onProven: () => void;
}

/** The inviter's side. Throws what is wrong with the invite, after the peer was told. */
export async function introduceAsInviter(
  channel: PairChannel,
  options: InviterOptions,
): Promise<Introduction> {
  const { body: request } = await channel.expect('request');
  try {
    options.onRequest(request.token);
    const secret = await checkInvite(request.token, options);
    const { identity, invites } = options;
    const keys = {
      exporter: channel.exporter(),
      inviterSpki: identity.spki,
      inviteeSpki: channel.peer.spki,
    };
    if (!proofsEqual(request.proof, inviteProof('invitee', { secret: secret.bytes, ...keys }))) {
      await invites.fail(secret.invite);
      throw new SealaneError('invite-proof-failed');
    }
    if (!(await invites.claim(secret.invite))) throw new SealaneError('invite-used');
    options.onProven();
    const nonce = randomBytes(NONCE_BYTES);
    await channel.send('challenge', {
      proof: inviteProof('inviter', { secret: secret.bytes, ...keys }),
      commitment: commitment({ nonce, ...keys }),
    });
    const { body: answer } = await channel.expect('nonce');
    await channel.send('reveal', { nonce });
    const code = comparisonCode({ inviterNonce: nonce, inviteeNonce: answer.nonce, ...keys });
    return { code, peerName: request.name, peerPort: request.port };
  } catch (error) {
    if (error instanceof SealaneError && !error.fromPeer) await channel.refuse(error);
    throw error;
  }
}

const REFUSAL_OF_STATE: Readonly<Record<Exclude<InviteRecord['state'], 'open'>, ErrorCode>> = {
  used: 'invite-used',
  revoked: 'invite-revoked',
  expired: 'invite-expired',
  spent: 'invite-used',
};

/** Whether this very token is that of an invite which somebody may still use; says nothing about its signature. */
export function isOpenInvite(token: string, invites: InviteStore): boolean {
  const hash = inviteTokenHash(token);
  return invites.list().some(({ state, tokenHash }) => state === 'open' && digestsEqual(tokenHash, hash));
}

async function checkInvite(token: string, { identity, invites, now }: InviterOptions) {
  const own = await verifyOwnInvite(token, identity, { now: now() });
  const record = invites.get(own.id);
  if (record === undefined) throw new SealaneError('invite-unknown');
  if (!digestsEqual(record.tokenHash, inviteTokenHash(token))) throw new SealaneError('invite-unknown');
  if (record.state !== 'open') throw new SealaneError(REFUSAL_OF_STATE[record.state]);
  return { invite: own.id, bytes: own.secret };
}

/** Constant-time equality of two texts of any length, by their hashes. */
function digestsEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

export interface InviteeOptions {
  readonly identity: Identity;
  readonly invite: Invite;
  /** This device's name and port, for the inviter to know it by. */
  readonly name: string;
  readonly port: number;
}

/** The invitee's side, on a connection to the key that the invite names. Throws what the inviter refused with, or `invite-proof-failed`. */
export async function introduceAsInvitee(
  channel: PairChannel,
  options: InviteeOptions,
): Promise<Introduction> {
  const { identity, invite, name, port } = options;
  const keys = { exporter: channel.exporter(), inviterSpki: invite.spki, inviteeSpki: identity.spki };
  await channel.send('request', {
    token: invite.token,
    proof: inviteProof('invitee', { secret: invite.secret, ...keys }),
    name,
    port,
  });
  const { body: challenge } = await channel.expect('challenge');
  if (!proofsEqual(challenge.proof, inviteProof('inviter', { secret: invite.secret, ...keys }))) {
    return await refuse(channel, 'invite-proof-failed');
  }
  const nonce = randomBytes(NONCE_BYTES);
  await channel.send('nonce', { nonce });
  const { body: reveal } = await channel.expect('reveal');
  if (!verifyCommitment(challenge.commitment, { nonce: reveal.nonce, ...keys })) {
    return await refuse(channel, 'invite-proof-failed');
  }
  const code = comparisonCode({ inviterNonce: reveal.nonce, inviteeNonce: nonce, ...keys });
  return { code, peerName: invite.name, peerPort: channel.peer.port };
}

async function refuse(channel: PairChannel, code: ErrorCode): Promise<never> {
  const error = new SealaneError(code);
  await channel.refuse(error);
  throw error;
}
