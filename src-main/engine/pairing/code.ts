import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { joinFields, requireLength } from '../fields.ts';

/**
 * The code that two people compare: numeric comparison with commit-then-reveal, as in Bluetooth Secure Simple Pairing (Core
 * Specification, volume 2, part H, section 7.2; the inviter is its device B).
 *
 *     inviter                                   invitee
 *        │  commitment(inviterNonce, …)            │
 *        ├────────────────────────────────────────►│
 *        │                           inviteeNonce  │
 *        │◄────────────────────────────────────────┤
 *        │  inviterNonce                           │
 *        ├────────────────────────────────────────►│ checks it against the commitment
 *      code                                      code
 *
 * Six digits are few: whoever could try out a million nonces would find one that makes both screens show the same code. The
 * commitment is why nobody can. Somebody in the middle holds two connections, each with other keys and another exporter, and needs
 * two equal codes. Towards the invitee he plays the inviter: he must commit to his nonce before he hears the invitee's, and cannot
 * open the commitment to another one later. Towards the inviter he plays the invitee: he must send his nonce while the inviter's is
 * still hidden in its commitment. So in each code one honest random nonce comes in after his last choice; both codes are random to
 * him, and they agree once in a million attempts, each of which a person sees fail.
 */

export interface CodeContext {
  /** DER SubjectPublicKeyInfo that the inviter showed in the handshake. */
  readonly inviterSpki: Uint8Array;
  /** DER SubjectPublicKeyInfo that the invitee showed in the handshake. */
  readonly inviteeSpki: Uint8Array;
  /** Keying material exported from this very TLS connection, 32 bytes. */
  readonly exporter: Uint8Array;
}

/**
 * What the inviter sends before it has seen the invitee's nonce: HMAC-SHA-256 keyed with its own nonce (32 random bytes) over a
 * label, both keys and the exporter. It hides the nonce, whose 256 bits nobody can guess, and binds to it, since another nonce with
 * the same commitment would be a collision of HMAC-SHA-256. Gives 32 bytes; throws RangeError for a wrong length.
 */
export function commitment(of: CodeContext & { readonly nonce: Uint8Array }): Uint8Array<ArrayBuffer> {
  requireLength('nonce', of.nonce, 32);
  requireLength('exporter', of.exporter, 32);
  const message = joinFields('sealane-pair/1 commitment', of.inviterSpki, of.inviteeSpki, of.exporter);
  return new Uint8Array(createHmac('sha256', of.nonce).update(message).digest());
}

/** Whether the nonce that the inviter revealed is the one it had committed to. Compared in constant time. */
export function verifyCommitment(
  committed: Uint8Array,
  revealed: CodeContext & { readonly nonce: Uint8Array },
): boolean {
  const expected = commitment(revealed);
  return committed.length === expected.length && timingSafeEqual(committed, expected);
}

/**
 * The code for both screens, as `123 456`: the first 64 bits of a SHA-256 over a label, both keys, the exporter and both nonces
 * (32 bytes each), taken modulo a million; the bias of that is below 2^-44. Throws RangeError for a wrong length.
 */
export function comparisonCode(
  of: CodeContext & { readonly inviterNonce: Uint8Array; readonly inviteeNonce: Uint8Array },
): string {
  requireLength('inviterNonce', of.inviterNonce, 32);
  requireLength('inviteeNonce', of.inviteeNonce, 32);
  requireLength('exporter', of.exporter, 32);
  const hash = createHash('sha256')
    .update(
      joinFields(
        'sealane-pair/1 code',
        of.inviterSpki,
        of.inviteeSpki,
        of.exporter,
        of.inviterNonce,
        of.inviteeNonce,
      ),
    )
    .digest();
  const digits = (hash.readBigUInt64BE(0) % 1_000_000n).toString().padStart(6, '0');
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}
