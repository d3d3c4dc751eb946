import { getRandomValues } from 'node:crypto';
import type { Libsodium } from 'libsodium';
import { requireLength } from '../fields.ts';

/** X-Wing: X25519 and ML-KEM-768 in one key encapsulation (draft-connolly-cfrg-xwing-kem). */

export const XWING_SEED_BYTES = 32;
export const XWING_PUBLIC_KEY_BYTES = 1216;
export const XWING_PRIVATE_KEY_BYTES = 32;
export const XWING_CIPHERTEXT_BYTES = 1120;
export const XWING_SHARED_SECRET_BYTES = 32;

/**
 * libsodium's WebAssembly build of it, in an instance that nothing else uses. After each call, its whole
 * memory is put back to what it was before the first: what is secret is in there several times, on the stack
 * and in what was allocated, and libsodium clears only some of it. Every method throws a `RangeError` for a
 * wrong length, and an `Error` where libsodium refuses.
 */
export class XWing {
  readonly #sodium: Libsodium;
  /** The memory when nothing secret was in it yet, without the zeros at its end. */
  readonly #clean: Uint8Array;

  private constructor(sodium: Libsodium) {
    this.#sodium = sodium;
    this.#clean = sodium.HEAPU8.slice(0, sodium.HEAPU8.findLastIndex((byte) => byte !== 0) + 1);
  }

  /** Takes some milliseconds. */
  static async load(): Promise<XWing> {
    const { default: createLibsodium } = await import('libsodium');
    const sodium = await createLibsodium({
      getRandomValue: () => getRandomValues(new Uint32Array(1))[0] ?? never(),
    });
    if (sodium._sodium_init() < 0) throw new Error('libsodium cannot be initialized');
    return new XWing(sodium);
  }

  /** The key pair of a seed (32 bytes). The caller wipes seed and private key (32 bytes). */
  keyPair(seed: Uint8Array): { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array } {
    requireLength('seed', seed, XWING_SEED_BYTES);
    return this.#call((put, room, take) => {
      const [publicKey, privateKey] = [room(XWING_PUBLIC_KEY_BYTES), room(XWING_PRIVATE_KEY_BYTES)];
      succeed(this.#sodium._crypto_kem_xwing_seed_keypair(publicKey, privateKey, put(seed)));
      return {
        publicKey: take(publicKey, XWING_PUBLIC_KEY_BYTES),
        privateKey: take(privateKey, XWING_PRIVATE_KEY_BYTES),
      };
    });
  }

  /**
   * A fresh secret (32 bytes, the caller wipes it), and the ciphertext (1120 bytes) that holds it for
   * `publicKey` (1216 bytes).
   */
  encapsulate(publicKey: Uint8Array): { readonly ciphertext: Uint8Array; readonly sharedSecret: Uint8Array } {
    requireLength('publicKey', publicKey, XWING_PUBLIC_KEY_BYTES);
    return this.#call((put, room, take) => {
      const [ciphertext, secret] = [room(XWING_CIPHERTEXT_BYTES), room(XWING_SHARED_SECRET_BYTES)];
      succeed(this.#sodium._crypto_kem_xwing_enc(ciphertext, secret, put(publicKey)));
      return {
        ciphertext: take(ciphertext, XWING_CIPHERTEXT_BYTES),
        sharedSecret: take(secret, XWING_SHARED_SECRET_BYTES),
      };
    });
  }

  /** The secret (32 bytes, the caller wipes it) in a ciphertext (1120 bytes). */
  decapsulate(ciphertext: Uint8Array, privateKey: Uint8Array): Uint8Array {
    requireLength('ciphertext', ciphertext, XWING_CIPHERTEXT_BYTES);
    requireLength('privateKey', privateKey, XWING_PRIVATE_KEY_BYTES);
    return this.#call((put, room, take) => {
      const secret = room(XWING_SHARED_SECRET_BYTES);
      succeed(this.#sodium._crypto_kem_xwing_dec(secret, put(ciphertext), put(privateKey)));
      return take(secret, XWING_SHARED_SECRET_BYTES);
    });
  }

  /**
   * Runs `work` with ways to put bytes into the memory, to make room in it and to take bytes out; then cleans
   * the memory.
   */
  #call<Result>(
    work: (
      put: (bytes: Uint8Array) => number,
      room: (length: number) => number,
      take: (address: number, length: number) => Uint8Array,
    ) => Result,
  ): Result {
    const room = (length: number): number => {
      const address = this.#sodium._malloc(length);
      if (address === 0) throw new Error('libsodium has no memory left');
      return address;
    };
    try {
      return work(
        (bytes) => {
          const address = room(bytes.length);
          this.#sodium.HEAPU8.set(bytes, address);
          return address;
        },
        room,
        (address, length) => {
          const bytes = newSecret(length);
          bytes.set(this.#sodium.HEAPU8.subarray(address, address + length));
          return bytes;
        },
      );
    } finally {
      // The allocator's own records are in there, too: nothing needs to be freed.
      this.#sodium.HEAPU8.fill(0, this.#clean.length).set(this.#clean);
    }
  }
}

/**
 * Room for something secret. A small array of bytes may lie in the heap of the JavaScript engine, which moves
 * it about, and leaves copies behind that cannot be wiped; a buffer of its own stays where it is.
 */
export function newSecret(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length));
}

function succeed(result: number): void {
  if (result !== 0) throw new Error('libsodium refuses the key or the ciphertext');
}

function never(): never {
  throw new Error('no random number');
}
