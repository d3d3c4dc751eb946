import { z } from 'zod';
import { deviceIdSchema } from '../../../shared/device-id.ts';
import { ipAddress } from '../../../shared/ip-address.ts';
import { MAX_HOSTS } from '../../../shared/limits.ts';
import { firstName } from '../../../shared/messages.ts';
import { inviteIdSchema } from '../../../shared/views.ts';

/** The strict shape of an invite: a JWT (RFC 7519) as a compact JWS (RFC 7515). What is not listed here is not in one. */

export const INVITE_TYPE = 'sealane-invite+jwt';
export const INVITE_AUDIENCE = 'sealane-pair/1';
export const INVITE_ALGORITHM = 'ES256';

/** How many addresses an invite may name: as many as a device says it has. Each is dialled, whoever has made the invite. */
export const MAX_INVITE_ADDRESSES = MAX_HOSTS;

/** `alg` is looked at first and by itself, to be able to say what is wrong with it. */
export const inviteHeaderSchema = z.strictObject({
  alg: z.literal(INVITE_ALGORITHM),
  typ: z.literal(INVITE_TYPE),
});
export const algorithmSchema = z.looseObject({ alg: z.string() });

const seconds = z
  .number()
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER / 1000);
const base64url = (characters: number) =>
  z
    .string()
    .length(characters)
    .regex(/^[A-Za-z0-9_-]+$/);

export const inviteAddressSchema = z.strictObject({
  /** An IP address, and no name: what a stranger has written goes to no name server. */
  host: ipAddress,
  port: z.number().int().min(1).max(65_535),
});

export const inviteClaimsSchema = z.strictObject({
  /** Device id of the inviter: the hash of `key`. */
  iss: deviceIdSchema,
  /** Judged after the signature, so that it can be told apart from a broken invite. */
  aud: z.unknown(),
  jti: inviteIdSchema,
  /** Not compared with our clock: one of the two clocks may be wrong, and `exp` says what matters. */
  iat: seconds,
  exp: seconds,
  name: firstName,
  addresses: z.array(inviteAddressSchema).max(MAX_INVITE_ADDRESSES),
  /** DER SubjectPublicKeyInfo of the inviter, 91 bytes in base64url. */
  key: base64url(122),
  /** 32 random bytes in base64url. */
  secret: base64url(43),
});
export type InviteClaims = z.infer<typeof inviteClaimsSchema>;
