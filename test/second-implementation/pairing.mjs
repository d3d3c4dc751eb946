import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { randomBytes } from '@noble/hashes/utils.js';
import { fields, isSame, view } from './bytes.mjs';
import { Failure } from './failure.mjs';
import { readToken } from './invite.mjs';

/** Pairing: docs/protocol.md, sections 6.2 to 6.4. */

/**
 * Section 6.3, for one connection.
 * @param {Uint8Array} inviterSpki
 * @param {Uint8Array} inviteeSpki
 * @param {Uint8Array} exporter
 */
export function proofs(inviterSpki, inviteeSpki, exporter) {
  /**
   * @param {Uint8Array} secret
   * @param {'invitee' | 'inviter'} role
   */
  const proof = (secret, role) =>
    hmac(sha256, secret, fields(`sealane-pair/1 ${role} proof`, exporter, inviterSpki, inviteeSpki));
  return {
    /** @param {Uint8Array} secret */
    invitee: (secret) => proof(secret, 'invitee'),
    /** @param {Uint8Array} secret */
    inviter: (secret) => proof(secret, 'inviter'),
    /** @param {Uint8Array} nonce the inviter's */
    commitment: (nonce) =>
      hmac(sha256, nonce, fields('sealane-pair/1 commitment', inviterSpki, inviteeSpki, exporter)),
    /**
     * @param {Uint8Array} inviterNonce
     * @param {Uint8Array} inviteeNonce
     */
    code: (inviterNonce, inviteeNonce) => {
      const context = [inviterSpki, inviteeSpki, exporter, inviterNonce, inviteeNonce];
      const hash = sha256(fields('sealane-pair/1 code', ...context));
      const digits = String(view(hash).getBigUint64(0) % 1_000_000n).padStart(6, '0');
      return `${digits.slice(0, 3)} ${digits.slice(3)}`;
    },
  };
}

/** @typedef {{ name: string, hosts: string[], port: number }} Self */
/** @typedef {(code: string) => boolean | Promise<boolean>} Compare */
/** @typedef {{ id: string, name: string, code: string }} Paired */

/**
 * @param {import('./line.mjs').Line} line
 * @param {import('./identity.mjs').Identity} identity
 * @param {import('./invite.mjs').Invite} invite
 * @param {Self} self
 * @param {Compare} compare
 * @returns {Promise<Paired>}
 */
export async function pairAsInvitee(line, identity, invite, self, compare) {
  const { peer } = line;
  const values = proofs(peer.spki, identity.spki, peer.exporter);
  await line.send('request', { token: invite.token, proof: values.invitee(invite.secret), ...self });
  const challenge = await line.expect('challenge');
  if (!isSame(challenge.proof, values.inviter(invite.secret))) throw new Failure('invite-proof-failed');
  const nonce = randomBytes(32);
  await line.send('nonce', { nonce });
  const reveal = await line.expect('reveal');
  if (!isSame(challenge.commitment, values.commitment(reveal.nonce)))
    throw new Failure('invite-proof-failed');
  const code = values.code(reveal.nonce, nonce);
  await confirm(line, await compare(code));
  return { id: peer.id, name: invite.claims.name, code };
}

/**
 * @param {import('./line.mjs').Line} line
 * @param {import('./identity.mjs').Identity} identity
 * @param {Map<string, import('./invite.mjs').Invite & { isOpen: boolean, failures: number }>} invites by token
 * @param {Compare} compare
 * @returns {Promise<Paired>}
 */
export async function pairAsInviter(line, identity, invites, compare) {
  const { peer } = line;
  const values = proofs(identity.spki, peer.spki, peer.exporter);
  const request = await line.expect('request');
  readToken(request.token, Date.now(), identity.id);
  const invite = invites.get(request.token);
  if (invite === undefined) throw new Failure('invite-unknown');
  if (!invite.isOpen) throw new Failure('invite-used');
  if (!isSame(request.proof, values.invitee(invite.secret))) {
    invite.failures += 1;
    if (invite.failures === 5) invite.isOpen = false;
    throw new Failure('invite-proof-failed');
  }
  invite.isOpen = false;
  const nonce = randomBytes(32);
  const commitment = values.commitment(nonce);
  await line.send('challenge', { proof: values.inviter(invite.secret), commitment });
  const { nonce: inviteeNonce } = await line.expect('nonce');
  await line.send('reveal', { nonce });
  const code = values.code(nonce, inviteeNonce);
  await confirm(line, await compare(code));
  return { id: peer.id, name: request.name, code };
}

/**
 * Section 6.4: both yes, then both stored. Storing is nothing here: trust is kept in memory.
 * @param {import('./line.mjs').Line} line
 * @param {boolean} matches
 */
async function confirm(line, matches) {
  await line.send('verdict', { matches });
  if (!matches) throw new Failure('code-mismatch');
  const verdict = await line.expect('verdict');
  if (!verdict.matches) throw new Failure('code-mismatch', 'peer');
  await line.send('stored', {});
  await line.expect('stored');
}
