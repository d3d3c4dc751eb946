import { join } from 'node:path';
import type { DeviceId } from '../../shared/device-id.ts';
import { SealaneError } from '../../shared/errors.ts';
import type { AppSnapshot, CallArgs, CallName, CallResult } from '../../shared/ipc.ts';
import type { TransferId } from '../../shared/views.ts';
import type { Engine } from '../engine/index.ts';
import { formatHostPort, parseHostPort } from '../host-port.ts';
import type { HostPort } from '../host-port.ts';
import type { Dialogs } from './dialogs.ts';
import type { Drops } from './drops.ts';

/** One function per call of the contract; the compiler holds the two lists against each other. */
export type CallHandlers = {
  readonly [Name in CallName]: (...args: CallArgs<Name>) => Promise<CallResult<Name>>;
};

export interface CallContext {
  readonly engine: Engine;
  /** The app's version, as it is shown. */
  readonly version: string;
  readonly drops: Drops;
  readonly dialogs: Dialogs;
  /** Whether the page runs in Chromium's sandbox. */
  readonly isSandboxed: boolean;
  /** Shows a file or folder in the system's file manager. */
  readonly showItem: (path: string) => void;
  readonly copyText: (text: string) => Promise<void>;
}

/** Runs a command that answers with nothing. */
async function finish(command: () => unknown): Promise<undefined> {
  await command();
  return undefined;
}

/** Throws `address-malformed`. */
function addressIn(text: string): HostPort {
  try {
    return parseHostPort(text.trim(), 1);
  } catch (cause) {
    throw new SealaneError('address-malformed', { cause });
  }
}

/** What the page may ask for, each call handed on to the engine or the system. Errors are the engine's, thrown as they are. */
export function createCalls(context: CallContext): CallHandlers {
  const { engine, dialogs, drops } = context;

  function snapshot(): AppSnapshot {
    const { self, port, downloads, devices, invites, pairings, transfers, notices } = engine.snapshot();
    return {
      self,
      port,
      downloads,
      devices: [...devices],
      invites: [...invites],
      pairings: [...pairings],
      transfers: [...transfers],
      notices: [...notices, ...(context.isSandboxed ? [] : [{ kind: 'no-sandbox' as const }])],
      version: context.version,
    };
  }

  async function chooseAndSend(device: DeviceId, what: 'files' | 'folder'): Promise<TransferId | null> {
    const paths = await (what === 'files' ? dialogs.chooseFiles() : dialogs.chooseFolders());
    return paths.length === 0 ? null : engine.send({ device, paths, whenUnreachable: 'wait' });
  }

  /** Only the engine's own record says where something lies; the page names the transfer. */
  function showInFolder(id: TransferId): void {
    const state = engine.snapshot().transfers.find((transfer) => transfer.id === id)?.state;
    const outcome = state !== undefined && 'outcome' in state ? state.outcome : undefined;
    if (outcome === undefined || outcome.into === null) throw new SealaneError('unknown-transfer');
    const { into, names } = outcome;
    context.showItem(join(into, names[0] ?? ''));
  }

  return {
    snapshot: () => Promise.resolve(snapshot()),
    renameSelf: (name) => finish(() => engine.renameSelf(name)),
    createInvite: () => engine.createInvite(),
    revokeInvite: (id) => finish(() => engine.revokeInvite(id)),
    pair: (linkOrToken) => engine.pair(linkOrToken),
    answerPairing: (id, matches) =>
      finish(() => {
        engine.answerPairing(id, matches);
      }),
    cancelPairing: (id) =>
      finish(() => {
        engine.cancelPairing(id);
      }),
    renameDevice: (id, name) => finish(() => engine.changeDevice(id, { name })),
    noteDeviceName: (id, noted) => finish(() => engine.changeDevice(id, { noted })),
    setDeviceAccept: (id, accept) => finish(() => engine.changeDevice(id, { accept })),
    chooseDeviceFolder: async (id) => {
      const into = await dialogs.chooseDestination();
      if (into !== undefined) await engine.changeDevice(id, { into });
      return into !== undefined;
    },
    resetDeviceFolder: (id) => finish(() => engine.changeDevice(id, { into: null })),
    lookForDevice: (id, text) => finish(() => engine.lookForDevice(id, addressIn(text))),
    addresses: async () => (await engine.addresses()).map(formatHostPort),
    forgetDevice: (id) => finish(() => engine.forgetDevice(id)),
    chooseAndSend,
    sendDropped: async (device, handle) => {
      const paths = drops.take(handle);
      if (paths === undefined) throw new SealaneError('nothing-to-send', { detail: 'the drop is gone' });
      return engine.send({ device, paths, whenUnreachable: 'wait' });
    },
    acceptTransfer: (id, offer) => finish(() => engine.acceptTransfer(id, offer)),
    acceptTransferInto: async (id, offer) => {
      const into = await dialogs.chooseDestination();
      if (into !== undefined) await engine.acceptTransfer(id, offer, { into });
      return into !== undefined;
    },
    declineTransfer: (id, offer) => finish(() => engine.declineTransfer(id, offer)),
    pauseTransfer: (id) => finish(() => engine.pauseTransfer(id)),
    resumeTransfer: (id) => finish(() => engine.resumeTransfer(id)),
    moveTransfer: async (id) => {
      const into = await dialogs.chooseDestination();
      if (into !== undefined) await engine.moveTransfer(id, into);
      return into !== undefined;
    },
    cancelTransfer: (id) => finish(() => engine.cancelTransfer(id)),
    removeTransfer: (id) => finish(() => engine.removeTransfer(id)),
    partialData: (id) => engine.partialData(id),
    clearHistory: () => finish(() => engine.clearHistory()),
    transferDetails: (id, from) => engine.transferDetails(id, from),
    showInFolder: (id) =>
      finish(() => {
        showInFolder(id);
      }),
    copyText: (text) => finish(() => context.copyText(text)),
  };
}
