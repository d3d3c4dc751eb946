import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { SealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { PAIR_PROTOCOL } from '../../../shared/messages.ts';
import type { Identity } from '../identity/identity.ts';
import { saidAddresses } from '../net/addresses.ts';
import type { Channel } from '../net/channel.ts';
import type { InviteId } from '../../../shared/views.ts';
import type { Address, InviteRecord, InviteStore } from '../store/contract.ts';
import { commitment, comparisonCode, verifyCommitment } from './code.ts';
import { inviteTokenHash, verifyOwnInvite } from './invite-token.ts';
import type { Invite } from './invite-token.ts';
import { inviteProof, proofsEqual } from './proof.ts';

/**
 * The first part of pairing: the invitee shows the invite and proves that it holds its secret on this very connection, the
 * inviter proves the same, and both derive the code to compare from nonces of which the inviter's was committed to first.
 *
 *     invitee                                        inviter
 *        request {token, proof, name, …}     ──────►    verifies signature, audience, expiry, state, proof; claims the invite
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
  /** Where the other device is: where it was dialled, or what it said when it dialled. */
  readonly peerIsAt: { readonly reached: Address } | { readonly said: readonly Address[] };
}

export interface InviterOptions {
  readonly identity: Identity;
  readonly invites: InviteStore;
  readonly now: () => number;
  /** Called with the token that the peer shows, before it is judged; throws to refuse the peer without a judgement. */
  readonly onRequest: (token: string) => void;
  /** Called once the peer has proven that it holds this open invite, before that counts as used; throws to refuse it all the same. */
  readonly onProven: (invite: InviteId) => void;
}

/**
 * The inviter's side. Throws what is wrong with the invite; the peer is told meanwhile, and how long it takes to hear that holds up
 * nothing here.
 */
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
    options.onProven(secret.invite);
    if (!(await invites.claim(secret.invite))) throw new SealaneError('invite-used');
    const nonce = randomBytes(NONCE_BYTES);
    await channel.send('challenge', {
      proof: inviteProof('inviter', { secret: secret.bytes, ...keys }),
      commitment: commitment({ nonce, ...keys }),
    });
    const { body: answer } = await channel.expect('nonce');
    await channel.send('reveal', { nonce });
    const code = comparisonCode({ inviterNonce: nonce, inviteeNonce: answer.nonce, ...keys });
    const said = saidAddresses(request, channel.peer.host);
    return { code, peerName: request.name, peerIsAt: { said } };
  } catch (error) {
    if (error instanceof SealaneError && !error.fromPeer) void channel.refuse(error);
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
  /** This device's name, for the inviter to know it by, and where it listens (port 0: it does not). */
  readonly name: string;
  readonly hosts: readonly string[];
  readonly port: number;
}

/** The invitee's side, on a connection to the key that the invite names. Throws what the inviter refused with, or `invite-proof-failed`. */
export async function introduceAsInvitee(
  channel: PairChannel,
  options: InviteeOptions,
): Promise<Introduction> {
  const { identity, invite, name, hosts, port } = options;
  const keys = { exporter: channel.exporter(), inviterSpki: invite.spki, inviteeSpki: identity.spki };
  await channel.send('request', {
    token: invite.token,
    proof: inviteProof('invitee', { secret: invite.secret, ...keys }),
    name,
    hosts: [...hosts],
    port,
  });
  const { body: challenge } = await channel.expect('challenge');
  if (!proofsEqual(challenge.proof, inviteProof('inviter', { secret: invite.secret, ...keys }))) {
    throw refused(channel, 'invite-proof-failed');
  }
  const nonce = randomBytes(NONCE_BYTES);
  await channel.send('nonce', { nonce });
  const { body: reveal } = await channel.expect('reveal');
  if (!verifyCommitment(challenge.commitment, { nonce: reveal.nonce, ...keys })) {
    throw refused(channel, 'invite-proof-failed');
  }
  const code = comparisonCode({ inviterNonce: reveal.nonce, inviteeNonce: nonce, ...keys });
  const { host, port: dialled } = channel.peer;
  return { code, peerName: invite.name, peerIsAt: { reached: { host, port: dialled } } };
}

/** Begins to tell the peer why this ends; gives the error to throw meanwhile. */
function refused(channel: PairChannel, code: ErrorCode): SealaneError {
  const error = new SealaneError(code);
  void channel.refuse(error);
  return error;
}
