import { p256 } from '@noble/curves/nist.js';
import { randomBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { Failure } from './failure.mjs';
import { idOfKey, isSpki, pointOf } from './identity.mjs';
import { ipAddress } from './messages.mjs';
import { deviceName, int, like, list, map, text } from './schema.mjs';

/** Invites: docs/protocol.md, section 6.1. */

const MAX_CHARACTERS = 4096;
const MAX_AROUND = 8192;
const AUDIENCE = 'sealane-pair/1';
const seconds = int(9007199254740);

/** Judged after the signature, whatever it is. @type {import('./schema.mjs').Is<unknown>} */
const audience = (value) => value !== undefined;

const isClaims = map({
  iss: like(/^([A-Z2-7]{4}-){13}[A-Z2-7]$/u),
  aud: audience,
  jti: like(/^[\w-]{22}$/u),
  iat: seconds,
  exp: seconds,
  name: deviceName,
  addresses: list(map({ host: ipAddress, port: int(65535, 1) }), 0, 8),
  key: like(/^[\w-]{122}$/u),
  secret: like(/^[\w-]{43}$/u),
});

/** @typedef {typeof isClaims extends import('./schema.mjs').Is<infer T> ? T : never} Claims */
/** @typedef {{ token: string, claims: Claims, spki: Uint8Array, secret: Uint8Array }} Invite */

/** @param {string | Uint8Array} bytes */
const encoded = (bytes) => Buffer.from(bytes).toString('base64url');
/** @param {string} text */
const decoded = (text) => Uint8Array.from(Buffer.from(text, 'base64url'));

/**
 * @param {import('./identity.mjs').Identity} identity
 * @param {{ name: string, addresses: { host: string, port: number }[] }} about
 * @returns {Invite}
 */
export function makeInvite(identity, { name, addresses }) {
  const now = Math.floor(Date.now() / 1000);
  const secret = randomBytes(32);
  const claims = {
    iss: identity.id,
    aud: AUDIENCE,
    jti: encoded(randomBytes(16)),
    iat: now,
    exp: now + 600,
    name,
    addresses,
    key: encoded(identity.spki),
    secret: encoded(secret),
  };
  const header = { alg: 'ES256', typ: 'sealane-invite+jwt' };
  const signed = `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(claims))}`;
  const signature = p256.sign(utf8ToBytes(signed), identity.secretKey, { lowS: false });
  return { token: `${signed}.${encoded(signature)}`, claims, spki: identity.spki, secret };
}

/**
 * The token in what a person pasted; whatever is none is refused by `readToken`.
 * @param {string} pasted
 */
function tokenIn(pasted) {
  const shown = pasted
    .replace(/^[ \t]*>[> \t]*/gmu, '')
    .replace(/[\s\u00ad\u200b-\u200d\u2060\ufeff]+/gu, ' ')
    .trim();
  if (shown.length > MAX_AROUND) throw new Failure('invite-malformed');
  const joined = shown.replaceAll(' ', '');
  const start = /sealane:(?:\/\/)?pair\/?(?:#|%23)(?<link>.*)/isu.exec(joined)?.groups?.['link'];
  const rest = start ?? /(?<![\w.-])(?<token>eyJ.*)/su.exec(joined)?.groups?.['token'] ?? '';
  const found = /^[\w-]+\.[\w-]+\.[\w-]{86}(?<more>.?)/su.exec(rest);
  if (found?.groups?.['more'] === '.') throw new Failure('invite-malformed');
  return found?.[0].slice(0, found[0].length - (found.groups?.['more'] ?? '').length) ?? rest;
}

/**
 * @param {string} pasted a link or a token, among other text or not
 * @param {number} now
 * @returns {Invite}
 */
export function readInvite(pasted, now) {
  return readToken(tokenIn(pasted), now);
}

/**
 * The first fault is the one that is named.
 * @param {string} token
 * @param {number} now milliseconds since 1970
 * @param {string} [self] the inviter's own id, where it is the one that looks
 * @returns {Invite}
 */
export function readToken(token, now, self) {
  const parts = token.split('.');
  const [head = '', body = '', signature = ''] = parts;
  if (token.length > MAX_CHARACTERS || parts.length !== 3 || !parts.every((part) => /^[\w-]*$/u.test(part)))
    throw new Failure('invite-malformed');
  const header = json(head);
  const hasAlgorithm = typeof header === 'object' && header !== null && 'alg' in header;
  if (!hasAlgorithm || typeof header.alg !== 'string') throw new Failure('invite-malformed');
  if (header.alg !== 'ES256') throw new Failure('invite-bad-algorithm');
  const isHeader = map({ alg: text(), typ: like(/^sealane-invite\+jwt$/u) });
  const claims = json(body);
  if (!isHeader(header) || !/^[\w-]{85}[AQgw]$/u.test(signature) || !isClaims(claims))
    throw new Failure('invite-malformed');
  const spki = decoded(claims.key);
  if (idOfKey(spki) !== claims.iss || (self ?? claims.iss) !== claims.iss || !isSpki(spki))
    throw new Failure('invite-bad-signature');
  if (!isSigned(`${head}.${body}`, decoded(signature), pointOf(spki)))
    throw new Failure('invite-bad-signature');
  if (claims.aud !== AUDIENCE) throw new Failure('invite-wrong-audience');
  if (now >= claims.exp * 1000) throw new Failure('invite-expired');
  return { token, claims, spki, secret: decoded(claims.secret) };
}

/**
 * @param {string} signed
 * @param {Uint8Array} signature
 * @param {Uint8Array} point
 */
function isSigned(signed, signature, point) {
  try {
    return p256.verify(signature, utf8ToBytes(signed), point, { lowS: false });
  } catch {
    return false;
  }
}

/**
 * @param {string} part
 * @returns {unknown}
 */
function json(part) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(decoded(part)));
  } catch {
    throw new Failure('invite-malformed');
  }
}
