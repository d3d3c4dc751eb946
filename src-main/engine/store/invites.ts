import { z } from 'zod';
import { MAX_INVITE_FAILURES } from '../../../shared/limits.ts';
import { INVITE_STATES, inviteIdSchema } from '../../../shared/views.ts';
import type { InviteId } from '../../../shared/views.ts';
import type { InviteRecord, InviteStore } from './contract.ts';
import type { Document } from './document.ts';

/** Long enough to tell somebody who comes late why the invite does not work any more. */
const KEPT_AFTER_EXPIRY_MS = 24 * 60 * 60_000;

export const invitesSchema: z.ZodType<readonly InviteRecord[]> = z.array(
  z.object({
    id: inviteIdSchema,
    state: z.enum(INVITE_STATES),
    created: z.number(),
    expires: z.number(),
    failures: z.number(),
    tokenHash: z.string(),
  }),
);

/** What time has made of the invites. */
function at(now: number, invites: readonly InviteRecord[]): readonly InviteRecord[] {
  return invites
    .filter((invite) => now < invite.expires + KEPT_AFTER_EXPIRY_MS)
    .map((invite) =>
      invite.state === 'open' && now >= invite.expires ? { ...invite, state: 'expired' } : invite,
    );
}

/** The invites this device made, over their document. `now` is in milliseconds since 1970. */
export function inviteStore(document: Document<readonly InviteRecord[]>, now: () => number): InviteStore {
  const list = (): readonly InviteRecord[] => at(now(), document.read());

  /** The one way out of `open`: changes the invite if it is open, and resolves with whether it was. */
  const changeOpen = (id: InviteId, change: (open: InviteRecord) => InviteRecord): Promise<boolean> =>
    document.change((invites) => {
      const current = at(now(), invites);
      const open = current.find((invite) => invite.id === id && invite.state === 'open');
      return [current.map((invite) => (open && invite === open ? change(open) : invite)), open !== undefined];
    });

  return {
    list,
    get: (id) => list().find((invite) => invite.id === id),
    put: (record) =>
      document.change((invites) => {
        const current = at(now(), invites);
        const known = current.some(({ id }) => id === record.id);
        return [
          known ? current.map((each) => (each.id === record.id ? record : each)) : [...current, record],
          undefined,
        ];
      }),
    claim: (id) => changeOpen(id, (invite) => ({ ...invite, state: 'used' })),
    fail: async (id) => {
      await changeOpen(id, (invite) => {
        const failures = invite.failures + 1;
        return { ...invite, failures, state: failures < MAX_INVITE_FAILURES ? 'open' : 'spent' };
      });
    },
    revoke: (id) => changeOpen(id, (invite) => ({ ...invite, state: 'revoked' })),
    onChange: (listener) => document.onChange(listener),
  };
}
