import sodium from 'libsodium-wrappers';
import { requireLength } from '../fields.ts';
import { guardOpener, guardSealer, SEAL_HEADER_BYTES, SEAL_KEY_BYTES } from './sealed-stream.ts';
import type { Cipher } from './sealed-stream.ts';

/**
 * The seal by libsodium's WebAssembly build: the reference, and what is used where machine code cannot be loaded. It copies every
 * chunk into its own memory and back, and its state (52 bytes a stream) stays there, beyond our reach, until the worker ends.
 */
export async function loadWasmCipher(): Promise<Cipher> {
  await sodium.ready;
  return wasmCipher;
}

const wasmCipher: Cipher = {
  kind: 'wasm',

  sealer(key) {
    requireLength('key', key, SEAL_KEY_BYTES);
    const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
    return guardSealer({
      header,
      push(plaintext, into, associatedData, tag) {
        into.set(sodium.crypto_secretstream_xchacha20poly1305_push(state, plaintext, associatedData, tag));
      },
      wipe: nothing,
    });
  },

  opener(key, header) {
    requireLength('key', key, SEAL_KEY_BYTES);
    requireLength('header', header, SEAL_HEADER_BYTES);
    const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(header, key);
    return guardOpener({
      pull(sealed, into, associatedData) {
        const opened = sodium.crypto_secretstream_xchacha20poly1305_pull(state, sealed, associatedData);
        if (opened === false) return undefined;
        into.set(opened.message);
        return opened.tag;
      },
      wipe: nothing,
    });
  },
};

function nothing(): void {
  // There is no way to reach the state; see above.
}
