import type { InviteId } from '../../shared/views.ts';
import type { Engine } from '../engine/index.ts';
import type { CallHandlers } from './calls.ts';

/**
 * The invites that the page shows. One that nobody looks at any more would go on opening the door until it expires: it is
 * withdrawn with the window.
 */
export interface PageInvites {
  /** The same handlers; what is made through them is remembered. */
  watch(handlers: CallHandlers): CallHandlers;
  /** The window is closed, or the page is loaded anew. Never rejects. */
  withdraw(): Promise<void>;
}

export function createPageInvites(engine: Pick<Engine, 'revokeInvite' | 'snapshot'>): PageInvites {
  const made = new Set<InviteId>();
  let withdrawals = 0;
  const withdraw = async (): Promise<void> => {
    withdrawals += 1;
    const open = engine.snapshot().invites.filter(({ id, state }) => made.has(id) && state === 'open');
    made.clear();
    // One that was used or withdrawn in this moment is as good as withdrawn.
    await Promise.allSettled(open.map(({ id }) => engine.revokeInvite(id)));
  };
  return {
    watch: (handlers) => ({
      ...handlers,
      createInvite: async () => {
        const before = withdrawals;
        const invite = await handlers.createInvite();
        made.add(invite.id);
        // The page that was to show it went while it was made.
        if (before !== withdrawals) await withdraw();
        return invite;
      },
    }),
    withdraw,
  };
}
