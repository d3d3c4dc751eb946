import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { compactVerify, CompactSign, errors } from 'jose';
import type { DeviceId } from '../../../shared/device-id.ts';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_INVITE_CHARACTERS } from '../../../shared/limits.ts';
import type { InviteId } from '../../../shared/views.ts';
import { requireLength } from '../fields.ts';
import { deviceIdOfSpki, publicKeyOfSpki } from '../identity/identity.ts';
import type { Identity } from '../identity/identity.ts';
import {
  algorithmSchema,
  INVITE_ALGORITHM,
  INVITE_AUDIENCE,
  INVITE_TYPE,
  inviteClaimsSchema,
  inviteHeaderSchema,
  MAX_INVITE_ADDRESSES,
} from './invite-claims.ts';
import type { InviteClaims } from './invite-claims.ts';
import { findToken, MAX_PASTED_CHARACTERS } from './find-token.ts';

export interface InviteAddress {
  readonly host: string;
  readonly port: number;
}

/** What the invitee learns from an invite. */
export interface Invite {
  readonly id: InviteId;
  readonly inviter: DeviceId;
  /** The inviter's name as it gives it: escape before showing. */
  readonly name: string;
  readonly addresses: readonly InviteAddress[];
  /** DER SubjectPublicKeyInfo that the inviter must show in the TLS handshake. */
  readonly spki: Uint8Array;
  /** 32 bytes. */
  readonly secret: Uint8Array;
  /** The bare token, to be presented to the inviter. */
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const LINK_START = 'sealane://pair#';

/**
 * Signs a new invite. `secret` is 32 random bytes; times are milliseconds since 1970, `expires` is rounded up to a whole second.
 * Of the addresses the first MAX_INVITE_ADDRESSES are named, or fewer if the token would grow beyond MAX_INVITE_CHARACTERS.
 */
export async function createInviteToken(invite: {
  readonly identity: Identity;
  readonly id: InviteId;
  readonly secret: Uint8Array;
  readonly name: string;
  readonly addresses: readonly InviteAddress[];
  readonly issuedAt: number;
  readonly expires: number;
}): Promise<string> {
  const { identity } = invite;
  requireLength('secret', invite.secret, 32);
  for (let count = Math.min(invite.addresses.length, MAX_INVITE_ADDRESSES); ; count -= 1) {
    const claims = inviteClaimsSchema.parse({
      iss: identity.id,
      aud: INVITE_AUDIENCE,
      jti: invite.id,
      iat: Math.floor(invite.issuedAt / 1000),
      exp: Math.ceil(invite.expires / 1000),
      name: invite.name,
      addresses: invite.addresses.slice(0, count).map(({ host, port }) => ({ host, port })),
      key: Buffer.from(identity.spki).toString('base64url'),
      secret: Buffer.from(invite.secret).toString('base64url'),
    });
    const token = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: INVITE_ALGORITHM, typ: INVITE_TYPE })
      .sign(identity.privateKey);
    if (token.length <= MAX_INVITE_CHARACTERS || count <= 0) return token;
  }
}

/** The link that opens Sealane with this invite. The token is in the fragment, which no browser sends anywhere. */
export function inviteLink(token: string): string {
  return LINK_START + token;
}

/** SHA-256 of the token in base64url: what the store keeps of it. */
export function inviteTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/**
 * Reads an invite as somebody pasted it: a bare token or a link, with whatever stands around it and whatever white space is in it.
 * Everything that can be checked without asking the inviter is: form, algorithm, that its key is the issuer's, signature, audience,
 * expiry (`now` in milliseconds since 1970). Throws `invite-malformed`, `invite-bad-algorithm`, `invite-bad-signature`,
 * `invite-wrong-audience`, `invite-expired`, the first of these that applies.
 */
export async function parseInvite(text: string, { now }: { readonly now: number }): Promise<Invite> {
  const token = bareToken(text);
  const claims = readToken(token);
  await verifyToken(token, claims, now);
  return {
    id: claims.jti,
    inviter: claims.iss,
    name: claims.name,
    addresses: claims.addresses,
    spki: bytesOf(claims.key),
    secret: bytesOf(claims.secret),
    token,
    expires: claims.exp * 1000,
  };
}

/**
 * Reads, on the inviter, the token that an invitee presents: it must be one that this very identity signed. Whether the invite is
 * still open is the store's to say. Throws as `parseInvite` does; a token of somebody else's is `invite-bad-signature`.
 */
export async function verifyOwnInvite(
  token: string,
  identity: Identity,
  { now }: { readonly now: number },
): Promise<{ id: InviteId; secret: Uint8Array; expires: number }> {
  if (token.length > MAX_INVITE_CHARACTERS) throw malformed('too long');
  const claims = readToken(token);
  if (claims.iss !== identity.id) {
    throw new SealaneError('invite-bad-signature', { detail: 'issuer is not this device' });
  }
  await verifyToken(token, claims, now);
  return { id: claims.jti, secret: bytesOf(claims.secret), expires: claims.exp * 1000 };
}

function malformed(detail: string, cause?: unknown): SealaneError {
  return new SealaneError('invite-malformed', { detail, cause });
}

/** The token in what somebody pasted: see find-token.ts. */
function bareToken(text: string): string {
  if (text.length > MAX_PASTED_CHARACTERS) throw malformed('too long');
  const token = findToken(text);
  if (token.length > MAX_INVITE_CHARACTERS) throw malformed('too long');
  return token;
}

/** What the token says, strictly formed but not yet verified. */
function readToken(token: string): InviteClaims {
  // An empty signature has its place here: `alg: none` shall be called what it is.
  const match = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)$/u.exec(token);
  if (match === null) throw malformed('not a compact JWS');
  const [, header = '', claims = '', signature = ''] = match;

  const headerValue = readPart(header);
  const algorithm = algorithmSchema.safeParse(headerValue);
  if (!algorithm.success) throw malformed('no algorithm', algorithm.error);
  if (algorithm.data.alg !== INVITE_ALGORITHM) throw new SealaneError('invite-bad-algorithm');
  const strictHeader = inviteHeaderSchema.safeParse(headerValue);
  if (!strictHeader.success) throw malformed('header', strictHeader.error);
  // ES256 signatures are 64 bytes: a shorter one was cut off while copying. Bits left over in the last character are zero, so that
  // a token has one writing only.
  if (!/^.{85}[AQgw]$/u.test(signature)) throw malformed('signature length');

  const result = inviteClaimsSchema.safeParse(readPart(claims));
  if (!result.success) throw malformed('claims', result.error);
  return result.data;
}

function readPart(part: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url')));
  } catch (error) {
    throw malformed('not JSON', error);
  }
}

function keyOfIssuer(claims: InviteClaims): KeyObject {
  const spki = bytesOf(claims.key);
  try {
    if (deviceIdOfSpki(spki) === claims.iss) return publicKeyOfSpki(spki);
  } catch (error) {
    throw new SealaneError('invite-bad-signature', { detail: 'unusable key', cause: error });
  }
  throw new SealaneError('invite-bad-signature', { detail: 'key is not the issuer’s' });
}

async function verifyToken(token: string, claims: InviteClaims, now: number): Promise<void> {
  const key = keyOfIssuer(claims);
  try {
    await compactVerify(token, key, { algorithms: [INVITE_ALGORITHM] });
  } catch (error) {
    if (error instanceof errors.JOSEAlgNotAllowed) {
      throw new SealaneError('invite-bad-algorithm', { cause: error });
    }
    if (error instanceof errors.JWSSignatureVerificationFailed) {
      throw new SealaneError('invite-bad-signature', { cause: error });
    }
    throw malformed('JWS', error);
  }
  if (claims.aud !== INVITE_AUDIENCE) throw new SealaneError('invite-wrong-audience');
  // RFC 7519, 4.1.4: not on or after.
  if (now >= claims.exp * 1000) throw new SealaneError('invite-expired');
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64url, 'base64url'));
}
