import type { StoreApi } from 'zustand/vanilla';
import type { DeviceId } from '../shared/device-id.ts';
import type {
  AcceptPolicy,
  DetailPage,
  OfferDigest,
  PartialData,
  TransferId,
  TurnedAwayView,
} from '../shared/views.ts';
import { ERRORS } from '../shared/errors.ts';
import { CallError, sentenceOf } from './bridge.ts';
import type { Bridge } from './bridge.ts';
import { notAllText, tooLateText } from './phrases.ts';
import { createPairingActions } from './pairing-actions.ts';
import type { PairingActions } from './pairing-actions.ts';
import type { ShownOffer } from './offer-slots.ts';
import { withoutHistory, withoutTransfers } from './state.ts';
import type { PageState } from './state.ts';

/**
 * What the page's controls do. None of them throws: what goes wrong becomes the page's `problem`, or the sentence they resolve
 * with. Those that resolve with a boolean tell whether it was done.
 */
export interface Actions extends PairingActions {
  readonly renameSelf: (name: string) => Promise<boolean>;
  readonly renameDevice: (id: DeviceId, name: string) => Promise<boolean>;
  /** This user has seen that the device calls itself this now. */
  readonly noteName: (id: DeviceId, name: string) => Promise<boolean>;
  readonly setAccept: (id: DeviceId, policy: AcceptPolicy) => Promise<boolean>;
  readonly chooseFolder: (id: DeviceId) => Promise<boolean>;
  readonly resetFolder: (id: DeviceId) => Promise<boolean>;
  /** Looks for a device at an address; resolves with the sentence why it was not found, or null. */
  readonly lookFor: (id: DeviceId, address: string) => Promise<string | null>;
  /** Where this device can be dialled. */
  readonly ownAddresses: () => Promise<readonly string[]>;
  readonly forget: (id: DeviceId) => Promise<boolean>;
  readonly chooseAndSend: (id: DeviceId, what: 'files' | 'folder') => Promise<boolean>;
  readonly sendDropped: (id: DeviceId, files: readonly File[]) => Promise<boolean>;
  /** With the digest of the offer that was shown. */
  readonly accept: (id: TransferId, offer: OfferDigest) => Promise<boolean>;
  readonly acceptInto: (id: TransferId, offer: OfferDigest) => Promise<boolean>;
  readonly decline: (id: TransferId, offer: OfferDigest) => Promise<boolean>;
  /** One yes to these offers, as they were shown, and to nothing else. */
  readonly acceptAll: (offers: readonly ShownOffer[]) => Promise<boolean>;
  readonly declineAll: (offers: readonly ShownOffer[]) => Promise<boolean>;
  readonly pause: (id: TransferId) => Promise<boolean>;
  readonly resume: (id: TransferId) => Promise<boolean>;
  /** Another folder for what waits for its own. */
  readonly move: (id: TransferId) => Promise<boolean>;
  readonly cancel: (id: TransferId) => Promise<boolean>;
  readonly remove: (id: TransferId) => Promise<boolean>;
  /** Null also where it cannot be told now. */
  readonly partialData: (id: TransferId) => Promise<PartialData | null>;
  readonly clearHistory: () => Promise<boolean>;
  /** Some of all that was left out or renamed. Throws `CallError`. */
  readonly details: (id: TransferId, from: number) => Promise<DetailPage>;
  readonly showInFolder: (id: TransferId) => Promise<boolean>;
  readonly copy: (text: string) => Promise<boolean>;
  /** Files were dropped on a device that had only just come up, or moved: see steady.ts. */
  readonly dropTooSoon: () => void;
  readonly dismissProblem: () => void;
  /** This user has taken note of it. */
  readonly dismissTurnedAway: (seen: TurnedAwayView) => void;
  /** The row that was to take the focus has it. */
  readonly focusTaken: () => void;
}

/** `clock` gives the time in milliseconds since 1970. */
export function createActions(store: StoreApi<PageState>, bridge: Bridge, clock: () => number): Actions {
  const { call } = bridge;

  const attempt = async (
    work: () => Promise<unknown>,
    sentence: (error: unknown) => string = sentenceOf,
  ): Promise<boolean> => {
    const before = store.getState().problem;
    try {
      await work();
      // What went wrong earlier is no longer the last that happened.
      if (before !== null && store.getState().problem === before) store.setState({ problem: null });
      return true;
    } catch (error) {
      store.setState({ problem: sentence(error) });
      return false;
    }
  };

  /** An answer to an offer may come too late: then the sentence says which it was, and what has become of it. */
  const answerOf =
    (id: TransferId) =>
    (error: unknown): string => {
      const transfer = store.getState().transfers.find((other) => other.id === id);
      const isGone = error instanceof CallError && error.code === 'unknown-transfer';
      if (!isGone || transfer === undefined) return sentenceOf(error);
      return tooLateText(transfer) ?? sentenceOf(error);
    };

  /** Each on its own: what becomes of one is no reason against another. */
  const answerAll = async (
    name: 'acceptTransfer' | 'declineTransfer',
    offers: readonly ShownOffer[],
  ): Promise<boolean> => {
    store.setState({ focusTransfer: offers[0]?.transfer.id ?? null });
    const sentences: string[] = [];
    return attempt(
      async () => {
        const answers = offers.map(({ transfer: { id }, offer }) =>
          call(name, id, offer).catch((error: unknown) => {
            sentences.push(answerOf(id)(error));
            throw error;
          }),
        );
        await Promise.allSettled(answers);
        // All have been tried: it has failed if one of them has.
        await Promise.all(answers);
      },
      () => notAllText(sentences),
    );
  };

  return {
    ...createPairingActions(store, bridge, clock),
    renameSelf: (name) => attempt(() => call('renameSelf', name)),
    renameDevice: (id, name) => attempt(() => call('renameDevice', id, name)),
    noteName: (id, name) => attempt(() => call('noteDeviceName', id, name)),
    setAccept: (id, policy) => attempt(() => call('setDeviceAccept', id, policy)),
    chooseFolder: (id) => attempt(() => call('chooseDeviceFolder', id)),
    resetFolder: (id) => attempt(() => call('resetDeviceFolder', id)),
    lookFor: (id, address) =>
      call('lookForDevice', id, address).then(
        () => {
          store.setState(({ announcement: { serial } }) => ({
            announcement: { text: 'The device was found.', serial: serial + 1 },
          }));
          return null;
        },
        (error: unknown) => sentenceOf(error),
      ),
    ownAddresses: () => call('addresses').catch(() => []),
    forget: (id) => attempt(() => call('forgetDevice', id)),
    chooseAndSend: (id, what) => attempt(() => call('chooseAndSend', id, what)),
    sendDropped: (id, files) =>
      attempt(async () => {
        await call('sendDropped', id, await bridge.registerDrop(files));
      }),
    accept: async (id, offer) => {
      store.setState({ focusTransfer: id });
      return attempt(() => call('acceptTransfer', id, offer), answerOf(id));
    },
    acceptInto: (id, offer) =>
      attempt(async () => {
        if (await call('acceptTransferInto', id, offer)) store.setState({ focusTransfer: id });
      }, answerOf(id)),
    decline: async (id, offer) => {
      store.setState({ focusTransfer: id });
      return attempt(() => call('declineTransfer', id, offer), answerOf(id));
    },
    acceptAll: (offers) => answerAll('acceptTransfer', offers),
    declineAll: (offers) => answerAll('declineTransfer', offers),
    pause: (id) => attempt(() => call('pauseTransfer', id)),
    resume: (id) => attempt(() => call('resumeTransfer', id)),
    move: (id) => attempt(() => call('moveTransfer', id)),
    cancel: (id) => attempt(() => call('cancelTransfer', id)),
    remove: (id) =>
      attempt(async () => {
        await call('removeTransfer', id);
        store.setState((state) => withoutTransfers(state, [id]));
      }),
    partialData: (id) => call('partialData', id).catch(() => null),
    clearHistory: () =>
      attempt(async () => {
        await call('clearHistory');
        store.setState(withoutHistory);
      }),
    details: (id, from) => call('transferDetails', id, from),
    showInFolder: (id) => attempt(() => call('showInFolder', id)),
    copy: (text) => attempt(() => call('copyText', text)),
    dropTooSoon: () => {
      store.setState({ problem: ERRORS['drop-too-soon'].message });
    },
    dismissProblem: () => {
      store.setState({ problem: null });
    },
    dismissTurnedAway: (seen) => {
      store.setState(({ turnedAway }) => ({ turnedAway: turnedAway.filter((each) => each !== seen) }));
    },
    focusTaken: () => {
      store.setState({ focusTransfer: null });
    },
  };
}
