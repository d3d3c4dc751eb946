// What this platform's cryptography can do. `needed` facts are what Sealane stands on; the others are written down,
// because a new Electron may change them and somebody will want to know.
import {
  createCipheriv,
  createHash,
  createHmac,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import sodiumWrappers from 'libsodium-wrappers';
import { Worker } from 'node:worker_threads';
import { selfSigned } from './certificate.mjs';
import { meet } from './tls.mjs';

/**
 * @typedef {object} Fact
 * @property {string} name
 * @property {boolean} needed
 * @property {() => unknown} probe throws where it does not hold; may give a detail worth reading
 */

/**
 * @param {boolean} condition
 * @param {string} otherwise
 */
function must(condition, otherwise) {
  if (!condition) throw new Error(otherwise);
}

/** @param {import('./tls.mjs').Meeting} meeting */
function mutual({ protocol, alpn, group, sameSecret, bothKnown }) {
  must(protocol === 'TLSv1.3', `protocol is ${String(protocol)}`);
  must(alpn === 'probe/1', `ALPN is ${String(alpn)}`);
  must(sameSecret, 'the ends export different secrets');
  must(bothKnown, 'an end does not know the other certificate');
  return `key exchange ${group}`;
}

/** Both implementations must open what the other sealed: the fallback is worth nothing otherwise. */
async function sealedByOneOpenedByOther() {
  await sodiumWrappers.ready;
  const { default: native } = await import('sodium-native');
  const key = randomBytes(native.crypto_secretstream_xchacha20poly1305_KEYBYTES);
  const message = randomBytes(65_536);
  const about = Buffer.from('file 1, offset 0');

  const state = Buffer.alloc(native.crypto_secretstream_xchacha20poly1305_STATEBYTES);
  const header = Buffer.alloc(native.crypto_secretstream_xchacha20poly1305_HEADERBYTES);
  const sealed = Buffer.alloc(message.length + native.crypto_secretstream_xchacha20poly1305_ABYTES);
  native.crypto_secretstream_xchacha20poly1305_init_push(state, header, key);
  const final = native.crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  native.crypto_secretstream_xchacha20poly1305_push(state, sealed, message, about, final);
  const pull = sodiumWrappers.crypto_secretstream_xchacha20poly1305_init_pull(header, key);
  const opened = sodiumWrappers.crypto_secretstream_xchacha20poly1305_pull(pull, sealed, about);
  must(opened !== false && message.equals(opened.message), 'wrappers cannot open what native sealed');

  const push = sodiumWrappers.crypto_secretstream_xchacha20poly1305_init_push(key);
  const again = sodiumWrappers.crypto_secretstream_xchacha20poly1305_push(
    push.state,
    message,
    about,
    sodiumWrappers.crypto_secretstream_xchacha20poly1305_TAG_FINAL,
  );
  const back = Buffer.alloc(message.length);
  native.crypto_secretstream_xchacha20poly1305_init_pull(state, Buffer.from(push.header), key);
  const tag = Buffer.alloc(1);
  native.crypto_secretstream_xchacha20poly1305_pull(state, back, tag, Buffer.from(again), about);
  must(message.equals(back), 'native cannot open what wrappers sealed');
}

async function xwing() {
  await sodiumWrappers.ready;
  /** @typedef {{ publicKey: Uint8Array, privateKey: Uint8Array }} Pair */
  /** @typedef {{ ciphertext: Uint8Array, sharedSecret: Uint8Array }} Sent */
  /**
   * The published types are those of an older release.
   *
   * @typedef {object} XWing
   * @property {() => Pair} crypto_kem_xwing_keypair
   * @property {(publicKey: Uint8Array) => Sent} crypto_kem_xwing_enc
   * @property {(ciphertext: Uint8Array, privateKey: Uint8Array) => Uint8Array} crypto_kem_xwing_dec
   */
  const kem = /** @type {typeof sodiumWrappers & XWing} */ (sodiumWrappers);
  const pair = kem.crypto_kem_xwing_keypair();
  const sent = kem.crypto_kem_xwing_enc(pair.publicKey);
  const received = kem.crypto_kem_xwing_dec(sent.ciphertext, pair.privateKey);
  must(Buffer.from(received).equals(sent.sharedSecret), 'the shared secrets differ');
  return `${pair.publicKey.length} byte key, ${sent.ciphertext.length} byte ciphertext`;
}

async function worker() {
  const shared = new SharedArrayBuffer(4);
  const code = `import { workerData } from 'node:worker_threads'; import 'node:fs'; new Int32Array(workerData)[0] = 7;`;
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
    workerData: shared,
  });
  await new Promise((resolve, reject) => {
    thread.on('exit', resolve);
    thread.on('error', reject);
  });
  must(new Int32Array(shared)[0] === 7, 'the worker did not write into shared memory');
}

/** @param {string} algorithm */
const hashes = (algorithm) => () => createHash(algorithm).update('x').digest('hex').slice(0, 8);

/** @type {readonly Fact[]} */
export const facts = [
  {
    name: 'TLS 1.3, mutual, P-256, ALPN, exported keying material',
    needed: true,
    probe: async () => mutual(await meet(await selfSigned('P-256'))),
  },
  {
    name: 'the same through a stream that is no socket',
    needed: true,
    probe: async () => mutual(await meet(await selfSigned('P-256'), { duplex: true })),
  },
  {
    name: 'a TLS 1.2 client is refused',
    needed: true,
    probe: async () => {
      const old = {
        minVersion: /** @type {const} */ ('TLSv1.2'),
        maxVersion: /** @type {const} */ ('TLSv1.2'),
      };
      const met = await meet(await selfSigned('P-256'), { client: old }).then(
        () => true,
        () => false,
      );
      must(!met, 'it was accepted');
    },
  },
  {
    name: 'aes-256-gcm, HKDF, HMAC',
    needed: true,
    probe: () => {
      createCipheriv('aes-256-gcm', randomBytes(32), randomBytes(12)).update('x');
      hkdfSync('sha256', 'a', 'b', 'c', 32);
      createHmac('sha256', 'a').update('b').digest();
    },
  },
  {
    name: 'sodium-native and libsodium-wrappers open each other’s secretstream',
    needed: true,
    probe: sealedByOneOpenedByOther,
  },
  { name: 'X-Wing in libsodium-wrappers', needed: true, probe: xwing },
  { name: 'ES module worker thread with shared memory', needed: true, probe: worker },
  {
    name: 'Ed25519 and X25519 keys',
    needed: false,
    probe: () => {
      generateKeyPairSync('ed25519');
      generateKeyPairSync('x25519');
    },
  },
  {
    name: 'TLS with an Ed25519 certificate',
    needed: false,
    probe: async () => mutual(await meet(await selfSigned('Ed25519'))),
  },
  {
    name: 'TLS key exchange X25519MLKEM768',
    needed: false,
    probe: async () => {
      const hybrid = { ecdhCurve: 'X25519MLKEM768' };
      return mutual(await meet(await selfSigned('P-256'), { client: hybrid, server: hybrid }));
    },
  },
  {
    name: 'chacha20-poly1305 in createCipheriv',
    needed: false,
    probe: () => {
      createCipheriv('chacha20-poly1305', randomBytes(32), randomBytes(12), { authTagLength: 16 }).update(
        'x',
      );
    },
  },
  { name: 'BLAKE2b hash', needed: false, probe: hashes('blake2b512') },
  { name: 'SHA-3 hash', needed: false, probe: hashes('sha3-256') },
  { name: 'node:sqlite', needed: false, probe: async () => typeof (await import('node:sqlite')) },
];

/**
 * @typedef {object} Finding
 * @property {string} name
 * @property {boolean} needed
 * @property {boolean} holds
 * @property {string} detail why not, or what else was seen
 */

/**
 * Tries every fact.
 *
 * @returns {Promise<Finding[]>}
 */
export async function probeAll() {
  /** @type {Finding[]} */
  const findings = [];
  for (const { name, needed, probe } of facts) {
    try {
      const detail = await probe();
      findings.push({ name, needed, holds: true, detail: typeof detail === 'string' ? detail : '' });
    } catch (error) {
      findings.push({
        name,
        needed,
        holds: false,
        detail: error instanceof Error ? error.message : String(error),
      });
    }
  }
  return findings;
}
