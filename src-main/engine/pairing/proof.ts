import { createHmac, timingSafeEqual } from 'node:crypto';
import { joinFields, requireLength } from '../fields.ts';

/** What both sides of a pairing connection know of it, and nobody else. */
export interface ProofContext {
  /** The invite's secret, 32 bytes. */
  readonly secret: Uint8Array;
  /** Keying material exported from this very TLS connection (RFC 8446, 7.5), 32 bytes. */
  readonly exporter: Uint8Array;
  /** DER SubjectPublicKeyInfo that the inviter showed in the handshake. */
  readonly inviterSpki: Uint8Array;
  /** DER SubjectPublicKeyInfo that the invitee showed in the handshake. */
  readonly inviteeSpki: Uint8Array;
}

const LABELS = {
  inviter: 'sealane-pair/1 inviter proof',
  invitee: 'sealane-pair/1 invitee proof',
} as const;

/**
 * Proves, on one TLS connection, that `role` holds the invite's secret: HMAC-SHA-256 (RFC 2104) under the secret over a label, the
 * exporter and both keys. The exporter ties it to this connection, so it is worthless on any other, and somebody in the middle, who
 * has two connections, can pass on neither proof; the label keeps one side's proof from being sent back as the other's.
 * Gives 32 bytes; throws RangeError when secret or exporter have another length.
 */
export function inviteProof(role: 'inviter' | 'invitee', context: ProofContext): Uint8Array<ArrayBuffer> {
  requireLength('secret', context.secret, 32);
  requireLength('exporter', context.exporter, 32);
  const message = joinFields(LABELS[role], context.exporter, context.inviterSpki, context.inviteeSpki);
  return new Uint8Array(createHmac('sha256', context.secret).update(message).digest());
}

/** Compares two proofs in a time that tells nothing of where they differ. */
export function proofsEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
