import { SEAL_OVERHEAD_BYTES } from '../../../shared/limits.ts';
import type { TransferId } from '../../../shared/views.ts';
import type { Cipher } from './sealed-stream.ts';

export { SEAL_HEADER_BYTES, SEAL_KEY_BYTES } from './sealed-stream.ts';
export type { Cipher, Opener, Sealer } from './sealed-stream.ts';

/** How each implementation is loaded; a test may put something else in its place. */
export interface CipherLoaders {
  readonly native: () => Promise<Cipher>;
  readonly wasm: () => Promise<Cipher>;
}

const loaders: CipherLoaders = {
  native: async () => (await import('./cipher-native.ts')).nativeCipher,
  wasm: async () => (await import('./cipher-wasm.ts')).loadWasmCipher(),
};

/**
 * Loads the fast native cipher, or, where its binary cannot be loaded or is not wanted, the WebAssembly one; `kind` says which it
 * is. Works in worker threads. Rejects only when neither can be loaded.
 */
export async function loadCipher(
  prefer: 'native' | 'wasm' = 'native',
  from: CipherLoaders = loaders,
): Promise<Cipher> {
  if (prefer === 'native') {
    try {
      return await from.native();
    } catch {
      // No binary for this system, or one that it will not load: the other computes the same bytes.
    }
  }
  return from.wasm();
}

/** Length of a chunk once sealed, in bytes. */
export function sealedLength(plaintextLength: number): number {
  return plaintextLength + SEAL_OVERHEAD_BYTES;
}

const LABEL = new TextEncoder().encode('sealane/1 chunk');
const TRANSFER_ID_BYTES = 16;

/**
 * The associated data of a chunk, which ties it to its place: label, transfer id (16 bytes), number of the entry (8 bytes, big-endian)
 * and offset in it (likewise) at which the chunk begins; 47 bytes. Throws RangeError for numbers that are no safe integers.
 */
export function chunkAssociatedData(
  transfer: TransferId,
  entry: number,
  offset: number,
): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(entry) || !Number.isSafeInteger(offset) || entry < 0 || offset < 0) {
    throw new RangeError('a place in the content is two whole numbers');
  }
  const data = new Uint8Array(LABEL.length + TRANSFER_ID_BYTES + 16);
  data.set(LABEL);
  data.set(Buffer.from(transfer, 'hex'), LABEL.length);
  const view = new DataView(data.buffer, LABEL.length + TRANSFER_ID_BYTES);
  view.setBigUint64(0, BigInt(entry));
  view.setBigUint64(8, BigInt(offset));
  return data;
}
