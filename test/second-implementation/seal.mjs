import { poly1305 } from '@noble/ciphers/_poly1305.js';
import { chacha20, hchacha } from '@noble/ciphers/chacha.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, hexToBytes, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { ml_kem768_x25519 as xWing } from '@noble/post-quantum/hybrid.js';
import { fields, isSame, u64, view } from './bytes.mjs';
import { Failure } from './failure.mjs';

/** The key of a connection and the sealed stream under it: docs/protocol.md, sections 7.3 and 7.4. */

export const MESSAGE = 0;
export const FINAL = 3;
const OVERHEAD = 17;
const BLOCK = 64;

/** @typedef {{ entry: number, offset: number }} Place */

export function makeKemKeys() {
  const { secretKey, publicKey } = xWing.keygen();
  return { secretKey, publicKey };
}

/**
 * @param {Uint8Array} publicKey
 * @param {Uint8Array} [seed]
 */
export function encapsulate(publicKey, seed) {
  return orMalformed(() => xWing.encapsulate(publicKey, seed));
}

/**
 * @param {Uint8Array} ciphertext
 * @param {Uint8Array} secretKey
 */
export function decapsulate(ciphertext, secretKey) {
  return orMalformed(() => xWing.decapsulate(ciphertext, secretKey));
}

/**
 * @template T
 * @param {() => T} action
 */
function orMalformed(action) {
  try {
    return action();
  } catch {
    throw new Failure('frame-malformed');
  }
}

/**
 * @param {Uint8Array} offer as it was on the wire
 * @param {Uint8Array} accept likewise
 */
export function transcriptOf(offer, accept) {
  return sha256(fields('sealane/1 transcript', offer, accept));
}

/**
 * @param {Uint8Array} shared
 * @param {Uint8Array} exporter
 * @param {Uint8Array} transcript
 */
export function transferKey(shared, exporter, transcript) {
  const info = concatBytes(utf8ToBytes('sealane/1 transfer key'), transcript);
  return hkdf(sha256, shared, exporter, info, 32);
}

/**
 * @param {string} transfer id
 * @param {Place} place
 */
export function associatedData(transfer, { entry, offset }) {
  return concatBytes(utf8ToBytes('sealane/1 chunk'), hexToBytes(transfer), u64(entry), u64(offset));
}

export const newHeader = () => randomBytes(24);

/** libsodium's crypto_secretstream_xchacha20poly1305, in one direction. */
class Stream {
  /**
   * @param {Uint8Array} key
   * @param {Uint8Array} header
   */
  constructor(key, header) {
    const sigma = words(utf8ToBytes('expand 32-byte k'));
    const subkey = new Uint32Array(8);
    hchacha(sigma, words(key), words(header.subarray(0, 16)), subkey);
    this.key = new Uint8Array(subkey.buffer);
    this.nonce = header.slice(16);
    this.counter = 1;
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} block
   */
  xor(bytes, block) {
    const counter = new Uint8Array(4);
    view(counter).setUint32(0, this.counter, true);
    return chacha20(this.key, concatBytes(counter, this.nonce), bytes, undefined, block);
  }

  /**
   * @param {Uint8Array} data associated
   * @param {Uint8Array} block the tag's, sealed
   * @param {Uint8Array} sealed
   */
  authenticator(data, block, sealed) {
    const key = this.xor(new Uint8Array(BLOCK), 0).subarray(0, 32);
    const lengths = new Uint8Array(16);
    view(lengths).setBigUint64(0, BigInt(data.length), true);
    view(lengths).setBigUint64(8, BigInt(BLOCK + sealed.length), true);
    return (
      poly1305
        .create(key)
        .update(data)
        .update(new Uint8Array((16 - (data.length % 16)) % 16))
        .update(block)
        .update(sealed)
        // libsodium pads by the rest itself, not by what is missing to 16.
        .update(new Uint8Array(sealed.length % 16))
        .update(lengths)
        .digest()
    );
  }

  /** @param {Uint8Array} authenticator */
  advance(authenticator) {
    this.nonce = this.nonce.map((byte, at) => byte ^ (authenticator[at] ?? 0));
    this.counter += 1;
    if (this.counter === 2 ** 32) throw new Error('so long a stream takes another key');
  }
}

export class Sealer extends Stream {
  /**
   * @param {Uint8Array} plaintext
   * @param {Uint8Array} data
   * @param {number} tag
   */
  seal(plaintext, data, tag) {
    const block = this.xor(Uint8Array.of(tag, ...new Uint8Array(BLOCK - 1)), 1);
    const sealed = this.xor(plaintext, 2);
    const authenticator = this.authenticator(data, block, sealed);
    this.advance(authenticator);
    return concatBytes(block.subarray(0, 1), sealed, authenticator);
  }
}

export class Opener extends Stream {
  #isDone = false;

  /**
   * @param {Uint8Array} chunk
   * @param {Uint8Array} data
   */
  open(chunk, data) {
    if (this.#isDone) throw new Failure('chunk-forged');
    this.#isDone = true;
    if (chunk.length < OVERHEAD) throw new Failure('chunk-forged');
    const sealed = chunk.subarray(1, -16);
    // The block is the tag and zeros: what the key stream makes of the zeros stands for them.
    const block = this.xor(new Uint8Array(BLOCK), 1);
    const tag = (block[0] ?? 0) ^ (chunk[0] ?? 0);
    block[0] = chunk[0] ?? 0;
    const authenticator = this.authenticator(data, block, sealed);
    if (!isSame(authenticator, chunk.subarray(-16))) throw new Failure('chunk-forged');
    if (tag !== MESSAGE && tag !== FINAL) throw new Failure('chunk-forged');
    const plaintext = this.xor(sealed, 2);
    this.advance(authenticator);
    this.#isDone = tag === FINAL;
    return { plaintext, isFinal: tag === FINAL };
  }
}

/** @param {Uint8Array} bytes */
function words(bytes) {
  const data = view(bytes);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => data.getUint32(at * 4, true));
}
