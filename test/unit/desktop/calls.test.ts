import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CALLS, dropHandleSchema } from '../../../shared/ipc.ts';
import type { TransferView } from '../../../shared/views.ts';
import { createCalls, type CallContext } from '../../../src-main/desktop/calls.ts';
import { createDrops } from '../../../src-main/desktop/drops.ts';
import { OFFER, OFFERED, digest } from '../../support/offered.ts';
import { emptySnapshot, fakeEngine, pairingId } from './fake-engine.ts';
import { deviceId, outcome, running, transfer, transferId } from './samples.ts';

interface Chosen {
  readonly files?: readonly string[];
  readonly folders?: readonly string[];
  readonly destination?: string;
}

function setup(
  chosen: Chosen = {},
  transfers: readonly TransferView[] = [],
  others: Partial<CallContext['dialogs']> = {},
  isSandboxed = true,
) {
  const said: unknown[][] = [];
  const context: CallContext = {
    engine: fakeEngine(said, { snapshot: () => ({ ...emptySnapshot, transfers }) }),
    version: '1.2.3',
    drops: createDrops(() => 0),
    isSandboxed,
    dialogs: {
      chooseFiles: () => Promise.resolve(chosen.files ?? []),
      chooseFolders: () => Promise.resolve(chosen.folders ?? []),
      chooseDestination: () => Promise.resolve(chosen.destination),
      ...others,
    },
    showItem: (path) => said.push(['showItem', path]),
    copyText: (text) => {
      said.push(['copyText', text]);
      return Promise.resolve();
    },
  };
  return { calls: createCalls(context), drops: context.drops, said };
}

describe('the calls of the page', () => {
  it('tell that a layer of protection is missing where there is no sandbox, and only there', async () => {
    expect((await setup().calls.snapshot()).notices).toEqual([]);
    expect((await setup({}, [], {}, false).calls.snapshot()).notices).toEqual([{ kind: 'no-sandbox' }]);
  });

  it('are all there', () => {
    expect(Object.keys(setup().calls).sort()).toEqual(Object.keys(CALLS).sort());
  });

  it('look for a device at an address, and refuse what is none', async () => {
    const { calls, said } = setup();
    await calls.lookForDevice(deviceId, ' [fd00::20]:7400 ');
    expect(said).toEqual([['lookForDevice', deviceId, { host: 'fd00::20', port: 7400 }]]);
    for (const text of ['', 'desk', 'desk:0', 'fd00::20:7400', 'https://desk:80'])
      await expect(calls.lookForDevice(deviceId, text)).rejects.toMatchObject({ code: 'address-malformed' });
    expect(said).toHaveLength(1);
    expect(await calls.addresses()).toEqual(['192.0.2.7:4711']);
  });

  it('get the whole state, with the version, as the contract has it', async () => {
    const snapshot = await setup({}, [transfer(running(1))]).calls.snapshot();
    expect(CALLS.snapshot.result.parse(snapshot)).toEqual(snapshot);
    expect(snapshot).toMatchObject({ version: '1.2.3', port: 4711, downloads: '/downloads' });
    expect(snapshot.transfers).toHaveLength(1);
  });

  it('are handed on to the engine as they are', async () => {
    const { calls, said } = setup();
    expect(await calls.pair('sealane://pair#x')).toBe(pairingId);
    await calls.answerPairing(pairingId, false);
    await calls.renameDevice(deviceId, 'Ada');
    await calls.setDeviceAccept(deviceId, 'always');
    await calls.resetDeviceFolder(deviceId);
    await calls.acceptTransfer(transferId(1), OFFER);
    expect(said).toEqual([
      ['pair', 'sealane://pair#x'],
      ['answerPairing', pairingId, false],
      ['changeDevice', deviceId, { name: 'Ada' }],
      ['changeDevice', deviceId, { accept: 'always' }],
      ['changeDevice', deviceId, { into: null }],
      ['acceptTransfer', transferId(1), OFFER, undefined],
    ]);
  });

  it('that answer with nothing, do', async () => {
    const { calls } = setup();
    const answers: unknown[] = await Promise.all([calls.renameDevice(deviceId, 'Ada'), calls.copyText('x')]);
    expect(answers).toEqual([undefined, undefined]);
  });

  it('send what the user chose in the dialog', async () => {
    const { calls, said } = setup({ files: ['/a', '/b'], folders: ['/c'] });
    expect(await calls.chooseAndSend(deviceId, 'files')).toBe(transferId(9));
    expect(await calls.chooseAndSend(deviceId, 'folder')).toBe(transferId(9));
    expect(said).toEqual([
      ['send', { device: deviceId, paths: ['/a', '/b'], whenUnreachable: 'wait' }],
      ['send', { device: deviceId, paths: ['/c'], whenUnreachable: 'wait' }],
    ]);
  });

  it('do nothing when the user closed the dialog', async () => {
    const { calls, said } = setup();
    expect(await calls.chooseAndSend(deviceId, 'files')).toBeNull();
    expect(await calls.chooseDeviceFolder(deviceId)).toBe(false);
    expect(await calls.acceptTransferInto(transferId(1), OFFER)).toBe(false);
    expect(said).toEqual([]);
  });

  it('take the folder the user chose', async () => {
    const { calls, said } = setup({ destination: '/into' });
    expect(await calls.chooseDeviceFolder(deviceId)).toBe(true);
    expect(await calls.acceptTransferInto(transferId(1), OFFER)).toBe(true);
    expect(said).toEqual([
      ['changeDevice', deviceId, { into: '/into' }],
      ['acceptTransfer', transferId(1), OFFER, { into: '/into' }],
    ]);
  });

  it('answer the offer that was pressed, whatever is offered while its dialog is open', async () => {
    let choose: (folder: string) => void = () => undefined;
    const dialogs = { chooseDestination: () => new Promise<string>((resolve) => (choose = resolve)) };
    const { calls, said } = setup({}, [transfer(OFFERED)], dialogs);
    const answered = calls.acceptTransferInto(transferId(1), OFFER);
    // Meanwhile there is another one under its id: it is the engine that compares, so the digest is handed on
    // as it was.
    choose('/into');
    await answered;
    await calls.declineTransfer(transferId(2), digest(2));
    expect(said).toEqual([
      ['acceptTransfer', transferId(1), OFFER, { into: '/into' }],
      ['declineTransfer', transferId(2), digest(2)],
    ]);
  });

  it('send what was dropped, once', async () => {
    const { calls, drops, said } = setup();
    const handle = dropHandleSchema.parse(drops.register(['/dropped']));
    await calls.sendDropped(deviceId, handle);
    expect(said).toEqual([['send', { device: deviceId, paths: ['/dropped'], whenUnreachable: 'wait' }]]);
    await expect(calls.sendDropped(deviceId, handle)).rejects.toMatchObject({ code: 'nothing-to-send' });
  });
});

describe('show in folder', () => {
  const received = outcome({ into: '/downloads/Sealane', names: ['Holiday (2)', 'notes.txt'] });

  it('shows the first thing that arrived, where the engine says it lies', async () => {
    const { calls, said } = setup({}, [transfer({ kind: 'done', outcome: received })]);
    await calls.showInFolder(transferId(1));
    expect(said).toEqual([['showItem', join('/downloads/Sealane', 'Holiday (2)')]]);
  });

  it('shows the folder when nothing has a name of its own', async () => {
    const { calls, said } = setup({}, [transfer({ kind: 'done', outcome: { ...received, names: [] } })]);
    await calls.showInFolder(transferId(1));
    expect(said).toEqual([['showItem', join('/downloads/Sealane')]]);
  });

  it.each([
    ['unknown', []],
    ['still running', [transfer(running(1))]],
    ['sent, not received', [transfer({ kind: 'done', outcome: outcome() }, { direction: 'send' })]],
  ])('is refused for a transfer that is %s', async (_what, transfers) => {
    const { calls, said } = setup({}, transfers);
    await expect(calls.showInFolder(transferId(1))).rejects.toMatchObject({ code: 'unknown-transfer' });
    expect(said).toEqual([]);
  });
});
