import { deviceView } from '../../support/device-view.ts';
import { pairingIdSchema } from '../../../shared/views.ts';
import type { Engine, Snapshot } from '../../../src-main/engine/index.ts';
import { deviceId, transferId } from './samples.ts';

export const pairingId = pairingIdSchema.parse('0123456789abcdef');

export const emptySnapshot: Snapshot = {
  self: { id: deviceId, name: 'This' },
  port: 4711,
  downloads: '/downloads',
  devices: [],
  invites: [],
  pairings: [],
  transfers: [],
  notices: [],
};

const device = deviceView(deviceId, 'Ada');

/** An engine that writes down what it is asked for: `said` gets the command and its arguments. */
export function fakeEngine(said: unknown[][], change: Partial<Engine> = {}): Engine {
  const note = (...call: unknown[]): Promise<void> => {
    said.push(call);
    return Promise.resolve();
  };
  return {
    subscribe: () => () => undefined,
    snapshot: () => emptySnapshot,
    listen: () => Promise.resolve(4711),
    lookForDevice: (id, address) => note('lookForDevice', id, address),
    addresses: () => Promise.resolve([{ host: '192.0.2.7', port: 4711 }]),
    close: () => note('close'),
    renameSelf: (name) => note('renameSelf', name),
    createInvite: () => Promise.reject(new Error('not asked for here')),
    revokeInvite: (id) => note('revokeInvite', id),
    pair: async (text) => {
      await note('pair', text);
      return pairingId;
    },
    answerPairing: (id, matches) => {
      said.push(['answerPairing', id, matches]);
    },
    cancelPairing: (id) => {
      said.push(['cancelPairing', id]);
    },
    findDevice: () => device,
    changeDevice: async (id, what) => {
      await note('changeDevice', id, what);
      return device;
    },
    forgetDevice: (id) => note('forgetDevice', id),
    send: async (request) => {
      await note('send', request);
      return transferId(9);
    },
    acceptTransfer: (id, offer, options) => note('acceptTransfer', id, offer, options),
    declineTransfer: (id, offer) => note('declineTransfer', id, offer),
    pauseTransfer: (id) => note('pauseTransfer', id),
    resumeTransfer: (id) => note('resumeTransfer', id),
    cancelTransfer: (id) => note('cancelTransfer', id),
    cancelUnfinished: () => Promise.reject(new Error('not asked for here')),
    moveTransfer: async (id, into) => {
      await note('moveTransfer', id, into);
      return true;
    },
    allTransfers: () => Promise.resolve([]),
    partialData: async (id) => {
      await note('partialData', id);
      return null;
    },
    removeTransfer: (id) => note('removeTransfer', id),
    expiry: () => 30,
    setExpiry: (days) => note('setExpiry', days),
    transferDetails: async (id, from) => {
      await note('transferDetails', id, from);
      return { details: [], next: null };
    },
    clearHistory: () => note('clearHistory'),
    ...change,
  };
}
