import { randomBytes } from 'node:crypto';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_INVITE_LIFETIME_MS } from '../../../shared/limits.ts';
import { inviteIdSchema } from '../../../shared/views.ts';
import type { NewInvite } from '../../../shared/views.ts';
import type { Identity } from '../identity/identity.ts';
import type { Address, Store } from '../store/contract.ts';
import { createInviteToken, inviteLink, inviteTokenHash } from './invite-token.ts';

const MIN_INVITE_LIFETIME_MS = 1000;

export interface InviteOptions {
  readonly identity: Identity;
  readonly store: Store;
  /** Where this device can be dialled, the likeliest first. */
  readonly addresses: readonly Address[];
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly lifetimeMs: number;
}

/** Throws `usage` for a lifetime that no invite may have, in ms. */
export function checkLifetime(lifetimeMs: number): void {
  if (!(lifetimeMs >= MIN_INVITE_LIFETIME_MS && lifetimeMs <= MAX_INVITE_LIFETIME_MS))
    throw new SealaneError('usage', { detail: 'lifetime of an invite' });
}

/** Makes an invite and notes it as open, without its secret. Throws `usage` as `checkLifetime`, `profile-unusable`. */
export async function makeInvite(options: InviteOptions): Promise<NewInvite> {
  const { identity, store, addresses, created, lifetimeMs } = options;
  checkLifetime(lifetimeMs);
  // A whole second, as the token says it: no device may hold it for open when another does not. Never longer than
  // asked for.
  const expires = Math.floor((created + lifetimeMs) / 1000) * 1000;
  const id = inviteIdSchema.parse(randomBytes(16).toString('base64url'));
  const token = await createInviteToken({
    identity,
    id,
    secret: new Uint8Array(randomBytes(32)),
    name: store.settings.get().name,
    addresses,
    issuedAt: created,
    expires,
  });
  const record = { id, state: 'open' as const, created, expires };
  await store.invites.put({ ...record, failures: 0, tokenHash: inviteTokenHash(token) });
  return { ...record, token, link: inviteLink(token) };
}
