import { randomBytes } from 'node:crypto';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import { createInviteToken } from '../../src-main/engine/pairing/invite-token.ts';
import { inviteIdSchema } from '../../shared/views.ts';

const LIFETIME_MS = 600_000;

/** An invite as an inviter might have made it, signed by another device: a good JWT, but a foreign one. */
export async function foreignToken(): Promise<string> {
  return await createInviteToken({
    identity: await generateIdentity(),
    id: inviteIdSchema.parse(randomBytes(16).toString('base64url')),
    secret: new Uint8Array(randomBytes(32)),
    name: 'inviter',
    addresses: [],
    issuedAt: Date.now(),
    expires: Date.now() + LIFETIME_MS,
  });
}
