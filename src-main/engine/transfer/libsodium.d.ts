/**
 * The part of libsodium 0.8 (the WebAssembly module below libsodium-wrappers) that Sealane uses; the package
 * ships no types. Numbers that are called addresses lie in `HEAPU8`. The functions look at no lengths, and
 * give 0 when all went well.
 */
declare module 'libsodium' {
  export interface Libsodium {
    /** The whole memory of this instance. Another array once it has grown. */
    readonly HEAPU8: Uint8Array<ArrayBuffer>;
    _sodium_init(): number;
    /** Gives an address. */
    _malloc(bytes: number): number;
    /** Addresses of 1216, 32 and 32 bytes. */
    _crypto_kem_xwing_seed_keypair(publicKey: number, privateKey: number, seed: number): number;
    /** Addresses of 1120, 32 and 1216 bytes. */
    _crypto_kem_xwing_enc(ciphertext: number, sharedSecret: number, publicKey: number): number;
    /** Addresses of 32, 1120 and 32 bytes. */
    _crypto_kem_xwing_dec(sharedSecret: number, ciphertext: number, privateKey: number): number;
  }
  /** Makes an instance with a memory of its own. `getRandomValue` gives an unsigned number of 32 bits. */
  export default function createLibsodium(options: { getRandomValue: () => number }): Promise<Libsodium>;
}
