import { createHmac, createPublicKey, sign } from 'node:crypto';
import { inviteClaimsSchema } from '../../../src-main/engine/pairing/invite-claims.ts';
import { createInviteToken } from '../../../src-main/engine/pairing/invite-token.ts';
import { inviteIdSchema } from '../../../shared/views.ts';
import { bytesNamed, describeIdentity, hex, identityNamed } from './material.ts';

type Json = Readonly<Record<string, unknown>>;

const NOW = Date.UTC(2026, 10, 24, 12);
const base64url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url');

/** Vectors of the invite: a good one in several wrappings, and what must be refused under which name. */
export async function inviteVectors(): Promise<object> {
  const inviter = await identityNamed('inviter');
  const stranger = await identityNamed('stranger');
  const id = inviteIdSchema.parse(base64url(bytesNamed('invite').subarray(0, 16)));
  const secret = bytesNamed('secret of the invite');
  const addresses = [
    { host: '192.168.178.20', port: 52100 },
    { host: '2001:db8:0:7::20', port: 52100 },
    { host: '::ffff:198.51.100.7', port: 443 },
  ];
  const token = await createInviteToken({
    identity: inviter,
    id,
    secret,
    name: 'Ada’s désk 💻',
    addresses,
    issuedAt: NOW,
    expires: NOW + 600_000,
  });
  const [headerPart = '', claimsPart = '', signaturePart = ''] = token.split('.');
  const header: Json = { alg: 'ES256', typ: 'sealane-invite+jwt' };
  const claims: Json = inviteClaimsSchema.parse(JSON.parse(Buffer.from(claimsPart, 'base64url').toString()));

  const jws = (head: unknown, body: unknown, by = inviter.privateKeyPem): string => {
    const input = `${encode(head)}.${encode(body)}`;
    return `${input}.${base64url(sign('sha256', Buffer.from(input), { key: by, dsaEncoding: 'ieee-p1363' }))}`;
  };
  const hmac = (head: unknown, key: string | Uint8Array): string => {
    const input = `${encode(head)}.${claimsPart}`;
    return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
  };
  const without = (name: string): Json =>
    Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
  const withClaims = (more: Json, by?: string) => jws(header, { ...claims, ...more }, by);
  const unsignedChange = (more: Json) => `${headerPart}.${encode({ ...claims, ...more })}.${signaturePart}`;
  const strangersKey = { key: base64url(stranger.spki) };
  const publicPem = createPublicKey(inviter.publicKey.export({ format: 'pem', type: 'spki' })).export({
    format: 'pem',
    type: 'spki',
  });

  const refused: Record<string, Record<string, string>> = {
    'invite-malformed': {
      nothing: '',
      'some text': 'Hello, are you there?',
      'two parts': `${headerPart}.${claimsPart}`,
      'four parts': `${token}.${signaturePart}`,
      'cut off in the signature': token.slice(0, -10),
      'cut off in the claims': token.slice(0, headerPart.length + 100),
      'no signature': `${headerPart}.${claimsPart}.`,
      'header is not JSON': `${base64url('{alg:ES256}')}.${claimsPart}.${signaturePart}`,
      'header is not UTF-8': `${base64url(Uint8Array.of(0x22, 0xff, 0x22))}.${claimsPart}.${signaturePart}`,
      'header without alg': jws({ typ: header['typ'] }, claims),
      'header without typ': jws({ alg: 'ES256' }, claims),
      'header of another type': jws({ ...header, typ: 'JWT' }, claims),
      'header with a further parameter': jws({ ...header, kid: '1' }, claims),
      'header with crit': jws({ ...header, crit: ['exp'], exp: 1 }, claims),
      'header with its own key': jws({ ...header, jwk: inviter.publicKey.export({ format: 'jwk' }) }, claims),
      'payload is not JSON': `${headerPart}.${base64url('{')}.${signaturePart}`,
      'claims are a list': jws(header, [claims]),
      'a further claim': withClaims({ admin: true }),
      'jti too short': withClaims({ jti: 'AAAA' }),
      'issuer is no device id': withClaims({ iss: 'desk' }),
      'name is empty': withClaims({ name: '' }),
      'name too long': withClaims({ name: 'n'.repeat(65) }),
      'nine addresses': withClaims({ addresses: Array.from({ length: 9 }, () => addresses[0]) }),
      ...Object.fromEntries(
        ['desk.example', 'localhost', 'fe80::1%eth0', '127.1', '0x7f000001', '192.0.2.1/x', '[::1]', ''].map(
          (host) => [
            `an address that is ${JSON.stringify(host)}`,
            withClaims({ addresses: [{ host, port: 1 }] }),
          ],
        ),
      ),
      'port 0': withClaims({ addresses: [{ host: '192.0.2.1', port: 0 }] }),
      'port 65536': withClaims({ addresses: [{ host: '192.0.2.1', port: 65_536 }] }),
      'an address with a further field': withClaims({
        addresses: [{ host: '192.0.2.1', port: 1, via: 'x' }],
      }),
      'secret too short': withClaims({ secret: base64url(secret.subarray(1)) }),
      'key too short': withClaims({ key: base64url(inviter.spki.subarray(1)) }),
      'expiry is text': withClaims({ exp: '9999999999' }),
      'expiry is a fraction': withClaims({ exp: NOW / 1000 + 600.5 }),
      'too long': withClaims({ aud: 'x'.repeat(4000) }),
      ...Object.fromEntries(
        ['iss', 'aud', 'jti', 'iat', 'exp', 'name', 'addresses', 'key', 'secret'].map((name) => [
          `no ${name}`,
          jws(header, without(name)),
        ]),
      ),
    },
    'invite-bad-algorithm': {
      none: `${encode({ ...header, alg: 'none' })}.${claimsPart}.`,
      'none, with the old signature': `${encode({ ...header, alg: 'none' })}.${claimsPart}.${signaturePart}`,
      'none in capitals': `${encode({ ...header, alg: 'NONE' })}.${claimsPart}.`,
      'HS256 with the public key (DER) as secret': hmac({ ...header, alg: 'HS256' }, inviter.spki),
      'HS256 with the public key (PEM) as secret': hmac({ ...header, alg: 'HS256' }, publicPem),
      RS256: jws({ ...header, alg: 'RS256' }, claims),
      ES384: jws({ ...header, alg: 'ES384' }, claims),
      EdDSA: jws({ ...header, alg: 'EdDSA' }, claims),
      'es256 in small letters': jws({ ...header, alg: 'es256' }, claims),
    },
    'invite-bad-signature': {
      'changed name': unsignedChange({ name: 'Eve' }),
      'changed addresses': unsignedChange({ addresses: [{ host: '203.0.113.9', port: 1 }] }),
      'changed expiry': unsignedChange({ exp: NOW / 1000 + 6000 }),
      'changed secret': unsignedChange({ secret: base64url(bytesNamed('another secret')) }),
      'signed by another key': withClaims({}, stranger.privateKeyPem),
      'another key put in and signed with it': withClaims(strangersKey, stranger.privateKeyPem),
      'another key put in': withClaims(strangersKey),
      'issuer is another device': withClaims({ iss: stranger.id }),
      'a key that is not on the curve': withClaims({
        key: base64url(Uint8Array.from(inviter.spki, (byte, at) => (at === 90 ? byte ^ 1 : byte))),
      }),
      'signature of zeros': `${headerPart}.${claimsPart}.${base64url(new Uint8Array(64))}`,
      'one bit of the signature': `${headerPart}.${claimsPart}.${signaturePart.startsWith('A') ? 'B' : 'A'}${signaturePart.slice(1)}`,
      'changed and expired': unsignedChange({ exp: 1 }),
    },
    'invite-wrong-audience': {
      'for transfers': withClaims({ aud: 'sealane/1' }),
      'for several': withClaims({ aud: ['sealane-pair/1', 'sealane/1'] }),
      'for a later version': withClaims({ aud: 'sealane-pair/2' }),
      'for another, and expired': withClaims({ aud: 'sealane/1', exp: 1 }),
    },
    'invite-expired': {
      'since now': withClaims({ exp: NOW / 1000 }),
      'since a second': withClaims({ exp: NOW / 1000 - 1 }),
      'since 1970': withClaims({ exp: 0 }),
    },
  };

  return {
    now: NOW,
    inviter: describeIdentity(inviter),
    stranger: describeIdentity(stranger),
    accepted: [
      { what: 'token', text: token },
      { what: 'link', text: `sealane://pair#${token}` },
      { what: 'link as some systems rewrite it', text: `SEALANE://PAIR/#${token}` },
      {
        what: 'link in angle brackets, with white space around it',
        text: ` \n<sealane://pair#${token}>\r\n`,
      },
      { what: 'link broken into lines', text: `sealane://pair#${token}`.replace(/.{76}/g, '$&\r\n ') },
      {
        what: 'issued in the future, by a clock that is wrong',
        text: withClaims({ iat: NOW / 1000 + 86_400 }),
      },
      { what: 'no addresses', text: withClaims({ addresses: [] }) },
      { what: 'one second left', text: withClaims({ exp: NOW / 1000 + 1 }) },
    ],
    claims: { ...claims, secretBytes: hex(secret) },
    refused: Object.entries(refused).flatMap(([error, cases]) =>
      Object.entries(cases).map(([what, text]) => ({ what, text, error })),
    ),
  };
}

function encode(value: unknown): string {
  return base64url(JSON.stringify(value));
}
