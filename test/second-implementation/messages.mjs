import { isIP } from 'node:net';
import { anyCount, bool, bytes, deviceName, int, like, list, map, oneOf, text } from './schema.mjs';

/** Messages and their frames: docs/protocol.md, sections 3 and 5. */

export const MAX_CHUNK_BODY = 1048593;
export const MAX_BODY = 65536;
const MAX_ENTRIES = 5_000_000;
export const upToEntries = int(MAX_ENTRIES);
const u16 = int(65535);

/** @type {import('./schema.mjs').Is<string>} */
export const ipAddress = (value) => typeof value === 'string' && isIP(value) !== 0 && !value.includes('%');

const hosts = list(ipAddress, 0, 8);
const transfer = like(/^[0-9a-f]{32}$/u);
const kind = oneOf('file', 'folder');

export const reasons = /** @type {const} */ ([
  'vanished',
  'unreadable',
  'changed',
  'link-outside',
  'link-loop',
  'special-file',
  'name-reserved',
  'name-too-long',
  'not-writable',
  'came-later',
  'size-unknown',
  'own-files',
  'name-encoding',
  'taken-away',
]);

/** What may be in `offer` beyond its fields is said in section 5.3. */
const item = map({ name: text(1, 255), kind, program: bool });
const skipped = map({ path: text(0, 3072), reason: oneOf(...reasons) });

/** What may not be in these paths is said in section 5.3, too. */
const renamed = map({ from: text(1, 3072), to: text(1, 3072) });

const offer = map({
  transfer,
  items: list(item, 1, 16),
  itemCount: upToEntries,
  files: upToEntries,
  folders: upToEntries,
  bytes: anyCount,
  hidden: upToEntries,
  programs: upToEntries,
});

export const schemas = {
  refuse: map({ reason: u16 }),
  ping: map({}),
  request: map({ token: text(0, 4096), proof: bytes(32), name: deviceName, hosts, port: u16 }),
  challenge: map({ proof: bytes(32), commitment: bytes(32) }),
  nonce: map({ nonce: bytes(32) }),
  reveal: map({ nonce: bytes(32) }),
  verdict: map({ matches: bool }),
  stored: map({}),
  hello: map({ version: u16, name: text(1, 64), hosts, port: u16, wakePort: u16 }),
  offer,
  accept: map({ kemPublicKey: bytes(1216), entry: upToEntries, offset: anyCount }),
  start: map({ kemCiphertext: bytes(1120), header: bytes(24) }),
  progress: map({ bytes: anyCount, files: upToEntries, safeChunks: anyCount }),
  complete: map({
    files: upToEntries,
    bytes: anyCount,
    nothing: bool,
    renamed: list(renamed, 0, 100),
    renamedCount: upToEntries,
    skipped: list(skipped, 0, 100),
    skippedCount: upToEntries,
  }),
  listed: map({ renamed: list(renamed, 0, 100), skipped: list(skipped, 0, 100) }),
  wake: map({}),
  cancel: map({ transfer }),
};

/** @typedef {keyof typeof schemas} Name */

/**
 * @template {Name} N
 * @typedef {(typeof schemas)[N] extends import('./schema.mjs').Is<infer T> ? T : never} Message
 */

/** @typedef {Message<'offer'>} Offer */

/** @type {Record<number, Name | 'chunk'>} */
const both = { 1: 'refuse', 2: 'ping' };

/** @type {Record<'sealane-pair/1' | 'sealane/1', Record<number, Name | 'chunk'>>} */
export const frameTypes = {
  'sealane-pair/1': {
    ...both,
    0x10: 'request',
    0x11: 'challenge',
    0x12: 'nonce',
    0x13: 'reveal',
    0x14: 'verdict',
    0x15: 'stored',
  },
  'sealane/1': {
    ...both,
    0x20: 'hello',
    0x21: 'offer',
    0x22: 'accept',
    0x23: 'start',
    0x24: 'progress',
    0x25: 'complete',
    0x26: 'wake',
    0x27: 'cancel',
    0x28: 'listed',
    0x30: 'chunk',
  },
};

/** @typedef {keyof typeof frameTypes} Protocol */

/**
 * @param {string | false | null} alpn
 * @returns {alpn is Protocol}
 */
export function isProtocol(alpn) {
  return alpn === 'sealane-pair/1' || alpn === 'sealane/1';
}
