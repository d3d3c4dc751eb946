import sodium from 'sodium-native';
import { requireLength } from '../fields.ts';
import { guardOpener, guardSealer, SEAL_HEADER_BYTES, SEAL_KEY_BYTES } from './sealed-stream.ts';
import type { Cipher } from './sealed-stream.ts';

/** The seal by libsodium's machine code. Importing this file throws where its binary cannot be loaded. Nothing is copied. */
export const nativeCipher: Cipher = {
  kind: 'native',

  sealer(key) {
    requireLength('key', key, SEAL_KEY_BYTES);
    const state = newState();
    const header = new Uint8Array(SEAL_HEADER_BYTES);
    sodium.crypto_secretstream_xchacha20poly1305_init_push(state, header, key);
    return guardSealer({
      header,
      push(plaintext, into, associatedData, tag) {
        sodium.crypto_secretstream_xchacha20poly1305_push(state, into, plaintext, associatedData, tag);
      },
      wipe() {
        sodium.sodium_memzero(state);
      },
    });
  },

  opener(key, header) {
    requireLength('key', key, SEAL_KEY_BYTES);
    requireLength('header', header, SEAL_HEADER_BYTES);
    const state = newState();
    const tag = new Uint8Array(1);
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key);
    return guardOpener({
      pull(sealed, into, associatedData) {
        try {
          sodium.crypto_secretstream_xchacha20poly1305_pull(state, into, tag, sealed, associatedData);
        } catch {
          return undefined;
        }
        return tag[0];
      },
      wipe() {
        sodium.sodium_memzero(state);
      },
    });
  },
};

function newState(): Uint8Array {
  return new Uint8Array(sodium.crypto_secretstream_xchacha20poly1305_STATEBYTES);
}
