import { createHash, hkdfSync, randomFillSync } from 'node:crypto';
import { SealaneError } from '../../../shared/errors.ts';
import { joinFields, requireLength } from '../fields.ts';
import { XWING_SEED_BYTES, XWing, newSecret } from './xwing.ts';

export {
  XWING_CIPHERTEXT_BYTES as KEM_CIPHERTEXT_BYTES,
  XWING_PUBLIC_KEY_BYTES as KEM_PUBLIC_KEY_BYTES,
} from './xwing.ts';

/**
 * How the key of one transfer comes about: an X-Wing key encapsulation (X25519 and ML-KEM-768 in one;
 * draft-connolly-cfrg-xwing-kem) between the two devices, then HKDF over its secret, the TLS exporter and a
 * hash of what was said. Whoever later breaks TLS with a quantum computer still lacks the first, and a relay
 * lacks all of it.
 */

let loading: Promise<XWing> | undefined;

/**
 * Loaded when a transfer is at hand: it is large, and most that starts this program asks for something else.
 */
function loadXWing(): Promise<XWing> {
  loading ??= XWing.load();
  return loading;
}

/**
 * Loads what `ephemeralKem` and `encapsulate` need, while there is nothing else to do. Never rejects: they
 * say what is wrong.
 */
export async function prepareKem(): Promise<void> {
  await loadXWing().catch(() => undefined);
}

/** The receiver's half: a key pair for one transfer. */
export interface EphemeralKem {
  /** 1216 bytes, for the accept message. */
  readonly publicKey: Uint8Array;
  /**
   * The shared secret (32 bytes, the caller wipes it) in the sender's ciphertext. Throws `frame-malformed`
   * for a wrong length or a degenerate X25519 share; any other false ciphertext gives a secret that the
   * sender does not have. Throws after `wipe`.
   */
  decapsulate(ciphertext: Uint8Array): Uint8Array;
  /** Forgets the private key: no copy of it stays in the memory of this process. Idempotent. */
  wipe(): void;
}

/** Makes a key pair for one transfer. */
export async function ephemeralKem(): Promise<EphemeralKem> {
  return kemOfSeed(randomFillSync(newSecret(XWING_SEED_BYTES)));
}

/**
 * The key pair of a given seed (32 bytes, which is X-Wing's private key and is wiped with it). For test
 * vectors; see `ephemeralKem`.
 */
export async function kemOfSeed(seed: Uint8Array): Promise<EphemeralKem> {
  requireLength('seed', seed, XWING_SEED_BYTES);
  const xwing = await loadXWing();
  const { publicKey, privateKey } = xwing.keyPair(seed);
  seed.fill(0);
  let wiped = false;
  return {
    publicKey,
    decapsulate(ciphertext) {
      if (wiped) throw new Error('this key was wiped');
      return orMalformed('KEM ciphertext', () => xwing.decapsulate(ciphertext, privateKey));
    },
    wipe() {
      wiped = true;
      privateKey.fill(0);
    },
  };
}

/**
 * The sender's half: a fresh shared secret (32 bytes, the caller wipes it) and the ciphertext (1120 bytes)
 * that tells it to the holder of `publicKey` alone. Throws `frame-malformed` when `publicKey` is not a sound
 * X-Wing key.
 */
export async function encapsulate(
  publicKey: Uint8Array,
): Promise<{ ciphertext: Uint8Array; sharedSecret: Uint8Array }> {
  const xwing = await loadXWing();
  return orMalformed('KEM public key', () => xwing.encapsulate(publicKey));
}

/**
 * `XWing` throws for a wrong length, for ML-KEM coefficients out of range and for an X25519 share of small
 * order.
 */
function orMalformed<Result>(what: string, compute: () => Result): Result {
  try {
    return compute();
  } catch (error) {
    throw new SealaneError('frame-malformed', { detail: what, cause: error });
  }
}

/** Hash over the bodies of the offer and accept frames, exactly as they were on the wire. Gives 32 bytes. */
export function transcriptHash(offerBody: Uint8Array, acceptBody: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = joinFields('sealane/1 transcript', offerBody, acceptBody);
  return new Uint8Array(createHash('sha256').update(message).digest());
}

const TRANSFER_KEY_LABEL = new TextEncoder().encode('sealane/1 transfer key');

/**
 * The key (32 bytes) under which the content of one transfer is sealed: HKDF-SHA-256 (RFC 5869) with the
 * KEM's shared secret as input keying material, the TLS exporter as salt, and a label with the transcript
 * hash (32 bytes each) as info. Both sides get the same key only if they are on the same TLS connection and
 * saw the same offer and accept. The caller wipes it and `sharedSecret`.
 */
export function transferKey(from: {
  readonly sharedSecret: Uint8Array;
  readonly exporter: Uint8Array;
  readonly transcript: Uint8Array;
}): Uint8Array<ArrayBuffer> {
  requireLength('sharedSecret', from.sharedSecret, 32);
  requireLength('exporter', from.exporter, 32);
  requireLength('transcript', from.transcript, 32);
  const info = Buffer.concat([TRANSFER_KEY_LABEL, from.transcript]);
  return new Uint8Array(hkdfSync('sha256', from.sharedSecret, from.exporter, info, 32));
}
