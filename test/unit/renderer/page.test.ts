import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../../shared/errors.ts';
import { dropHandleSchema } from '../../../shared/ipc.ts';
import type { CallName, DropAnswer, Push, Reply, SealaneBridge } from '../../../shared/ipc.ts';
import { transferIdSchema } from '../../../shared/views.ts';
import { createBridge } from '../../../src-renderer/bridge.ts';
import { openPage } from '../../../src-renderer/store.ts';
import { invite, laptopId, pairing, running, snapshot, transfer } from './fixtures.ts';
import { deviceView } from '../../support/device-view.ts';
import { OFFER, OFFERED } from '../../support/offered.ts';

type Answer = Reply | Promise<Reply>;

/** The main process as a table of answers; calls without one are answered with nothing. */
class FakeMain {
  readonly seen: [CallName, ...unknown[]][] = [];
  readonly answers = new Map<CallName, () => Answer>();
  drop: DropAnswer = 'drop-foreign';
  #listener: (push: unknown) => void = () => undefined;

  readonly bridge: SealaneBridge = {
    platform: 'linux',
    call: async (name, args) => {
      this.seen.push([name, ...args]);
      return (await this.answers.get(name)?.()) ?? { ok: true, value: undefined };
    },
    registerDrop: () => Promise.resolve(this.drop),
    onPush: (listener) => {
      this.#listener = listener;
      return () => undefined;
    },
  };

  constructor() {
    this.answer('snapshot', snapshot());
  }

  answer(name: CallName, value: unknown): void {
    this.answers.set(name, () => ({ ok: true, value }));
  }

  push(push: Push): void {
    this.#listener(push);
  }

  called(name: CallName): unknown[][] {
    return this.seen.filter(([called]) => called === name).map(([, ...args]) => args);
  }

  open() {
    return openPage(createBridge(this.bridge), () => 1_000);
  }
}

function deferred(): { promise: Promise<Reply>; resolve: (reply: Reply) => void } {
  let resolve: (reply: Reply) => void = () => undefined;
  const promise = new Promise<Reply>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const failure: Reply = { ok: false, error: { code: 'unreachable', message: 'Not there.' } };

describe('openPage', () => {
  it('keeps what is pushed before the snapshot is there', async () => {
    const main = new FakeMain();
    const later = deferred();
    main.answers.set('snapshot', () => later.promise);
    const opening = main.open();
    main.push({ type: 'transfer', transfer: transfer(running(7)) });
    later.resolve({ ok: true, value: snapshot({ transfers: [transfer(running(5))] }) });
    const { store } = await opening;
    expect(store.getState().transfers).toEqual([transfer(running(7))]);
    main.push({ type: 'transfer', transfer: transfer(running(9)) });
    expect(store.getState().transfers).toEqual([transfer(running(9))]);
  });

  it('fails with the sentence when there is no snapshot', async () => {
    const main = new FakeMain();
    main.answers.set('snapshot', () => failure);
    await expect(main.open()).rejects.toThrow('Not there.');
  });
});

describe('actions', () => {
  it('show what went wrong, until it is dismissed', async () => {
    const main = new FakeMain();
    main.answers.set('renameSelf', () => failure);
    const { store, actions } = await main.open();
    expect(await actions.renameSelf('x')).toBe(false);
    expect(store.getState().problem).toBe('Not there.');
    actions.dismissProblem();
    expect(store.getState().problem).toBeNull();
  });

  it('send what was dropped by its handle, and say when nothing can be sent', async () => {
    const main = new FakeMain();
    main.answer('sendDropped', transfer(running(1)).id);
    const { store, actions } = await main.open();
    await actions.sendDropped(laptopId, []);
    expect(main.called('sendDropped')).toEqual([]);
    expect(store.getState().problem).toMatch(/can be dropped here/);
    main.drop = dropHandleSchema.parse('f'.repeat(32));
    expect(await actions.sendDropped(laptopId, [])).toBe(true);
    expect(main.called('sendDropped')).toEqual([[laptopId, 'f'.repeat(32)]]);
  });

  it('say which offer was taken back while it was being answered, until something else was done', async () => {
    const main = new FakeMain();
    const offered = transfer(OFFERED, { direction: 'receive' });
    main.answer('snapshot', snapshot({ transfers: [offered] }));
    const { store, actions } = await main.open();
    const error = { code: 'unknown-transfer', message: ERRORS['unknown-transfer'].message } as const;
    for (const name of ['acceptTransfer', 'acceptTransferInto', 'declineTransfer'] as const)
      main.answers.set(name, () => ({ ok: false, error }));
    main.push({ type: 'transfer', transfer: { ...offered, state: { kind: 'cancelled', by: 'peer' } } });
    for (const answer of [actions.accept, actions.acceptInto, actions.decline]) {
      actions.dismissProblem();
      expect(await answer(offered.id, OFFER)).toBe(false);
      expect(store.getState().problem).toMatch(
        / took this back before you answered, so nothing was received: /,
      );
    }
    expect(await actions.setAccept(laptopId, 'ask')).toBe(true);
    expect(store.getState().problem).toBeNull();
  });

  it('take history off the page once the main process has cleared it', async () => {
    const main = new FakeMain();
    main.answer('snapshot', snapshot({ transfers: [transfer({ kind: 'declined' })] }));
    const { store, actions } = await main.open();
    main.answers.set('clearHistory', () => failure);
    await actions.clearHistory();
    expect(store.getState().transfers).toHaveLength(1);
    main.answer('clearHistory', undefined);
    await actions.clearHistory();
    expect(store.getState().transfers).toEqual([]);
  });

  it('take one transfer off the page once the main process has removed it', async () => {
    const main = new FakeMain();
    const gone = transfer({ kind: 'declined' });
    const stays = { ...gone, id: transferIdSchema.parse('1'.repeat(32)) };
    main.answer('snapshot', snapshot({ transfers: [gone, stays] }));
    const { store, actions } = await main.open();
    main.answers.set('removeTransfer', () => failure);
    await actions.remove(gone.id);
    expect(store.getState().transfers).toHaveLength(2);
    main.answer('removeTransfer', undefined);
    await actions.remove(gone.id);
    expect(store.getState().transfers).toEqual([stays]);
    expect(main.called('removeTransfer')).toEqual([[gone.id], [gone.id]]);
  });

  it('tell where what has arrived lies, and nothing where that is not known', async () => {
    const main = new FakeMain();
    const { actions } = await main.open();
    const { id } = transfer({ kind: 'declined' });
    expect(await actions.partialData(id)).toBeNull();
    const partial = { folder: '/in/.sealane-1', into: '/in', bytes: 1, isWhole: true, isThere: true };
    main.answer('partialData', partial);
    expect(await actions.partialData(id)).toEqual(partial);
  });

  it('move the focus to the row of an answered offer, unless the folder dialog was left', async () => {
    const main = new FakeMain();
    main.answer('acceptTransferInto', false);
    const { store, actions } = await main.open();
    const { id } = transfer(OFFERED);
    await actions.acceptInto(id, OFFER);
    expect(store.getState().focusTransfer).toBeNull();
    main.answer('acceptTransferInto', true);
    await actions.acceptInto(id, OFFER);
    expect(store.getState().focusTransfer).toBe(id);
  });
});

describe('pairing actions', () => {
  it('withdraw an unused invite when the dialog closes', async () => {
    const main = new FakeMain();
    main.answer('createInvite', invite());
    const { store, actions } = await main.open();
    actions.openPairing();
    await actions.showInvite();
    expect(store.getState().dialog).toEqual({ step: 'show', invite: invite(), error: null });
    await actions.closePairing();
    expect(store.getState().dialog.step).toBe('closed');
    expect(main.called('revokeInvite')).toEqual([[invite().id]]);
  });

  it('leave a used or expired one alone', async () => {
    const main = new FakeMain();
    main.answer('createInvite', invite());
    const { actions } = await main.open();
    await actions.showInvite();
    main.push({ type: 'invites', invites: [{ ...invite(), state: 'used' }] });
    await actions.closePairing();
    main.push({ type: 'invites', invites: [] });
    main.answer('createInvite', invite({ expires: 999 }));
    await actions.showInvite();
    await actions.closePairing();
    expect(main.called('revokeInvite')).toEqual([]);
  });

  it('withdraw an invite that arrives after the dialog was closed', async () => {
    const main = new FakeMain();
    const later = deferred();
    main.answers.set('createInvite', () => later.promise);
    const { store, actions } = await main.open();
    const showing = actions.showInvite();
    await actions.closePairing();
    later.resolve({ ok: true, value: invite() });
    await showing;
    expect(store.getState().dialog.step).toBe('closed');
    expect(main.called('revokeInvite')).toEqual([[invite().id]]);
  });

  it('make a new invite only after the old one is withdrawn', async () => {
    const main = new FakeMain();
    main.answer('createInvite', invite());
    const { actions } = await main.open();
    await actions.showInvite();
    await actions.showInvite();
    expect(main.seen.map(([name]) => name)).toEqual([
      'snapshot',
      'createInvite',
      'revokeInvite',
      'createInvite',
    ]);
  });

  it('say why there is no invite', async () => {
    const main = new FakeMain();
    main.answers.set('createInvite', () => failure);
    const { store, actions } = await main.open();
    await actions.showInvite();
    expect(store.getState().dialog).toEqual({ step: 'show', invite: null, error: 'Not there.' });
  });

  it('follow the attempt that an entered invite starts, and give the sentence when it starts none', async () => {
    const main = new FakeMain();
    main.answers.set('pair', () => failure);
    const { store, actions } = await main.open();
    actions.enterInvite();
    expect(await actions.submitInvite('x')).toBe('Not there.');
    const { id } = pairing({ kind: 'connecting' });
    main.answer('pair', id);
    expect(await actions.submitInvite('x')).toBeNull();
    expect(store.getState().dialog).toEqual({ step: 'follow', id, invite: null });
  });

  it('cancel an attempt whose dialog was closed before it began', async () => {
    const main = new FakeMain();
    const later = deferred();
    main.answers.set('pair', () => later.promise);
    const { actions } = await main.open();
    actions.enterInvite();
    const submitting = actions.submitInvite('x');
    await actions.closePairing();
    const { id } = pairing({ kind: 'connecting' });
    later.resolve({ ok: true, value: id });
    await submitting;
    expect(main.called('cancelPairing')).toEqual([[id]]);
  });

  it('cancel a live attempt when its dialog closes, and nothing once it is over', async () => {
    const main = new FakeMain();
    const { actions } = await main.open();
    const live = pairing({ kind: 'comparing', code: '1' });
    main.push({ type: 'pairing', pairing: live });
    await actions.closePairing();
    expect(main.called('cancelPairing')).toEqual([[live.id]]);
    const paired = deviceView(laptopId, 'Laptop');
    main.push({ type: 'pairing', pairing: live });
    main.push({ type: 'pairing', pairing: pairing({ kind: 'paired', device: paired }) });
    await actions.closePairing();
    expect(main.called('cancelPairing')).toHaveLength(1);
  });

  it('go back to where a failed attempt began', async () => {
    const main = new FakeMain();
    main.answer('createInvite', invite());
    const { store, actions } = await main.open();
    const error = { code: 'code-mismatch', message: 'no' } as const;
    main.push({ type: 'pairing', pairing: pairing({ kind: 'comparing', code: '1' }) });
    main.push({ type: 'pairing', pairing: pairing({ kind: 'failed', error }) });
    await actions.tryAgain();
    expect(store.getState().dialog.step).toBe('show');
    const mine = pairing({ kind: 'failed', error }, { role: 'invitee' });
    main.answer('pair', mine.id);
    actions.enterInvite();
    main.push({ type: 'pairing', pairing: mine });
    await actions.submitInvite('x');
    await actions.tryAgain();
    expect(store.getState().dialog).toEqual({ step: 'enter', text: '', opened: false, typed: false });
  });
});
