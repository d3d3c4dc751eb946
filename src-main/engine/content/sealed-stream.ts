import { SealaneError } from '../../../shared/errors.ts';
import { SEAL_OVERHEAD_BYTES } from '../../../shared/limits.ts';

/**
 * What the two implementations of the seal have in common: their interface, and the rules that libsodium leaves to its callers. The
 * construction is libsodium's secretstream (XChaCha20-Poly1305); order, truncation and replay are its business.
 */

/** Seals the chunks of one stream, in order. */
export interface Sealer {
  /** The stream's header, 24 bytes: the opener needs it, it is no secret. */
  readonly header: Uint8Array;
  /**
   * Seals one chunk into the beginning of `into` and gives its sealed length, 17 bytes more than `plaintext`. `final` ends the
   * stream. The two buffers must not overlap. Throws RangeError when `into` is too short, Error once the stream has ended.
   */
  seal(plaintext: Uint8Array, into: Uint8Array, associatedData: Uint8Array, final: boolean): number;
  /** Forgets the key, as far as the implementation can. Done by itself after the final chunk. Idempotent. */
  wipe(): void;
}

/** Opens the chunks of one stream, in order. */
export interface Opener {
  /**
   * Opens one chunk into the beginning of `into`; nothing is written there unless the chunk is genuine. The two buffers must not
   * overlap. Throws `chunk-forged` for anything but the very next chunk of the stream with the very same associated data, and for
   * every call after that; `frame-out-of-order` after the final chunk; RangeError when `into` is too short.
   */
  open(sealed: Uint8Array, into: Uint8Array, associatedData: Uint8Array): { length: number; final: boolean };
  /** Forgets the key, as far as the implementation can. Done by itself after the final chunk and after a failure. Idempotent. */
  wipe(): void;
}

/** One implementation of the seal. Keys are 32 bytes and stay the caller's, to be wiped. */
export interface Cipher {
  readonly kind: 'native' | 'wasm';
  sealer(key: Uint8Array): Sealer;
  opener(key: Uint8Array, header: Uint8Array): Opener;
}

export const SEAL_KEY_BYTES = 32;
export const SEAL_HEADER_BYTES = 24;

/** libsodium's tags that Sealane uses. The other two, PUSH (1) and REKEY (2), mean nothing here and are refused. */
export const TAG_MESSAGE = 0;
export const TAG_FINAL = 3;

/** What an implementation has to do by itself. Lengths are checked before it is called. */
export interface RawSealer {
  readonly header: Uint8Array;
  /** `into` has exactly 17 bytes more than `plaintext`. */
  push(plaintext: Uint8Array, into: Uint8Array, associatedData: Uint8Array, tag: number): void;
  wipe(): void;
}

export interface RawOpener {
  /** `into` has exactly 17 bytes less than `sealed`. Gives the tag; undefined when the chunk is not genuine. */
  pull(sealed: Uint8Array, into: Uint8Array, associatedData: Uint8Array): number | undefined;
  wipe(): void;
}

/** A sealer that is used in the right order or not at all. */
export function guardSealer(raw: RawSealer): Sealer {
  let ended = false;
  const wipe = (): void => {
    ended = true;
    raw.wipe();
  };
  return {
    header: raw.header,
    seal(plaintext, into, associatedData, final) {
      if (ended) throw new Error('this sealed stream has ended');
      const length = plaintext.length + SEAL_OVERHEAD_BYTES;
      const target = roomFor(length, into);
      requireOwnMemory(plaintext);
      try {
        raw.push(plaintext, target, associatedData, final ? TAG_FINAL : TAG_MESSAGE);
      } catch (error) {
        wipe();
        throw error;
      }
      if (final) wipe();
      return length;
    },
    wipe,
  };
}

/** An opener that never gives out anything after something was wrong. */
export function guardOpener(raw: RawOpener): Opener {
  let state: 'open' | 'ended' | 'failed' = 'open';
  const end = (as: 'ended' | 'failed'): void => {
    state = as;
    raw.wipe();
  };
  return {
    open(sealed, into, associatedData) {
      if (state === 'ended') throw new SealaneError('frame-out-of-order', { detail: 'chunk after the end' });
      if (state === 'failed') throw new SealaneError('chunk-forged', { detail: 'chunk after a failure' });
      const length = sealed.length - SEAL_OVERHEAD_BYTES;
      if (length < 0) {
        end('failed');
        throw new SealaneError('chunk-forged', { detail: 'chunk too short' });
      }
      const target = roomFor(length, into);
      requireOwnMemory(sealed);
      let tag: number | undefined;
      try {
        tag = raw.pull(sealed, target, associatedData);
      } catch (error) {
        end('failed');
        throw error;
      }
      if (tag !== TAG_MESSAGE && tag !== TAG_FINAL) {
        end('failed');
        throw new SealaneError('chunk-forged', { detail: tag === undefined ? 'not genuine' : 'unused tag' });
      }
      const final = tag === TAG_FINAL;
      if (final) end('ended');
      return { length, final };
    },
    wipe() {
      if (state === 'open') end('failed');
    },
  };
}

function roomFor(length: number, into: Uint8Array): Uint8Array {
  if (into.length < length) throw new RangeError(`${length} bytes do not fit into ${into.length}`);
  requireOwnMemory(into);
  return into.subarray(0, length);
}

/** sodium-native reads and writes shared memory as if it were empty, without a word, on Node 20 and in Electron 33. */
function requireOwnMemory(bytes: Uint8Array): void {
  if (bytes.buffer instanceof SharedArrayBuffer)
    throw new TypeError('the seal does not work on shared memory');
}
