/**
 * The part of sodium-native 5 that Sealane uses; the package ships no types. Every function throws when a buffer has not exactly
 * the length that libsodium wants, and every buffer must lie in an ArrayBuffer of its own, never in shared memory.
 */
declare module 'sodium-native' {
  interface SodiumNative {
    readonly crypto_secretstream_xchacha20poly1305_STATEBYTES: number;

    /** Fills `state` and `header` (24 bytes) for sealing under `key` (32 bytes). */
    crypto_secretstream_xchacha20poly1305_init_push(
      state: Uint8Array,
      header: Uint8Array,
      key: Uint8Array,
    ): void;
    /** Fills `state` for opening. */
    crypto_secretstream_xchacha20poly1305_init_pull(
      state: Uint8Array,
      header: Uint8Array,
      key: Uint8Array,
    ): void;
    /** Seals `message` into `sealed` (17 bytes longer) and gives the length of `sealed`. */
    crypto_secretstream_xchacha20poly1305_push(
      state: Uint8Array,
      sealed: Uint8Array,
      message: Uint8Array,
      associatedData: Uint8Array | null,
      tag: number,
    ): number;
    /** Opens `sealed` into `message` (17 bytes shorter), puts the tag into `tag` (1 byte); throws when it is not genuine. */
    crypto_secretstream_xchacha20poly1305_pull(
      state: Uint8Array,
      message: Uint8Array,
      tag: Uint8Array,
      sealed: Uint8Array,
      associatedData: Uint8Array | null,
    ): number;
    /** Fills with zeros in a way that no compiler leaves out. */
    sodium_memzero(bytes: Uint8Array): void;
  }
  const sodium: SodiumNative;
  export default sodium;
}
