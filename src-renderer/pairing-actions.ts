import type { StoreApi } from 'zustand/vanilla';
import type { NewInvite, PairingId } from '../shared/views.ts';
import { sentenceOf } from './bridge.ts';
import type { Bridge } from './bridge.ts';
import { followed, inviteOf, isLive, nextDialog } from './state.ts';
import type { PageState, PairingDialog } from './state.ts';

/** What the dialog "Pair a device" does. None of these throws. */
export interface PairingActions {
  /** Opens the dialog at its first question. */
  readonly openPairing: () => void;
  /** Makes an invite and shows it. */
  readonly showInvite: () => Promise<void>;
  /** Asks for an invite that was made elsewhere. */
  readonly enterInvite: () => void;
  /** What stands in the field is by this user's hand from here on. */
  readonly typeInvite: () => void;
  /** Tries an invite; resolves with the sentence why that was not possible, or null. */
  readonly submitInvite: (text: string) => Promise<string | null>;
  readonly answerPairing: (id: PairingId, matches: boolean) => Promise<void>;
  /** From a failed attempt back to where it began. */
  readonly tryAgain: () => Promise<void>;
  /** Back to the first question; an invite that was shown is withdrawn. */
  readonly backToChoice: () => Promise<void>;
  /** Closes the dialog: an attempt under way is cancelled, an unused invite withdrawn. */
  readonly closePairing: () => Promise<void>;
}

export function createPairingActions(
  store: StoreApi<PageState>,
  { call }: Bridge,
  clock: () => number,
): PairingActions {
  const show = (dialog: PairingDialog): void => {
    store.setState({ dialog });
  };

  /** Clean-up that nobody waits for: that an invite or an attempt is gone already is just as well. */
  const quietly = async (work: Promise<unknown>): Promise<void> => {
    await work.catch(() => undefined);
  };

  const withdraw = async (invite: NewInvite | null): Promise<void> => {
    if (invite === null) return;
    const known = store.getState().invites.find(({ id }) => id === invite.id);
    if ((known ?? invite).state === 'open' && invite.expires > clock()) {
      await quietly(call('revokeInvite', invite.id));
    }
  };

  const showInvite = async (): Promise<void> => {
    const previous = inviteOf(store.getState().dialog);
    const waiting: PairingDialog = { step: 'show', invite: null, error: null };
    show(waiting);
    await withdraw(previous);
    // The dialog may be closed, or turn to an attempt, before the invite is there.
    const isAwaited = (): boolean => store.getState().dialog === waiting;
    try {
      const invite = await call('createInvite');
      if (isAwaited()) show({ step: 'show', invite, error: null });
      else await withdraw(invite);
    } catch (error) {
      if (isAwaited()) show({ step: 'show', invite: null, error: sentenceOf(error) });
    }
  };

  const enterInvite = (): void => {
    show({ step: 'enter', text: '', opened: false, typed: false });
  };

  return {
    openPairing: () => {
      show({ step: 'choose' });
    },
    showInvite,
    enterInvite,
    typeInvite: () => {
      const { dialog } = store.getState();
      if (dialog.step === 'enter' && !dialog.typed) show({ ...dialog, typed: true });
    },
    submitInvite: async (text) => {
      const asked = store.getState().dialog;
      try {
        const id = await call('pair', text);
        if (store.getState().dialog === asked) show({ step: 'follow', id, invite: null });
        else await quietly(call('cancelPairing', id));
        return null;
      } catch (error) {
        return sentenceOf(error);
      }
    },
    answerPairing: async (id, matches) => {
      try {
        await call('answerPairing', id, matches);
      } catch (error) {
        store.setState({ problem: sentenceOf(error) });
      }
    },
    tryAgain: async () => {
      if (followed(store.getState())?.role === 'inviter') await showInvite();
      else enterInvite();
    },
    backToChoice: async () => {
      const invite = inviteOf(store.getState().dialog);
      show({ step: 'choose' });
      await withdraw(invite);
    },
    closePairing: async () => {
      const state = store.getState();
      const pairing = followed(state);
      show(nextDialog(state));
      if (state.dialog.step === 'follow' && (pairing === undefined || isLive(pairing))) {
        await quietly(call('cancelPairing', state.dialog.id));
      }
      await withdraw(inviteOf(state.dialog));
    },
  };
}
