import { describe, expect, it } from 'vitest';
import type { Push } from '../../../shared/ipc.ts';
import { pairingIdSchema, transferIdSchema } from '../../../shared/views.ts';
import {
  fromSnapshot,
  incomingOffers,
  listedTransfers,
  nextDialog,
  reduce,
  withoutHistory,
} from '../../../src-renderer/state.ts';
import type { PageState } from '../../../src-renderer/state.ts';
import {
  deskId,
  invite,
  laptopId,
  outcome,
  pairing,
  running,
  snapshot,
  transfer,
  transferId,
} from './fixtures.ts';
import { deviceView } from '../../support/device-view.ts';
import { OFFERED } from '../../support/offered.ts';

const start = fromSnapshot(snapshot(), 0);

function after(state: PageState, ...pushes: Push[]): PageState {
  return pushes.reduce((before, push, index) => reduce(before, push, (index + 1) * 1_000), state);
}

const comparing = pairing({ kind: 'comparing', code: '123 456' });
const done = transfer({ kind: 'done', outcome });

describe('reduce', () => {
  it('takes over who this device is and on which port it listens', () => {
    const state = after(
      start,
      { type: 'ready', self: { id: deskId, name: 'Desk' }, port: 4711 },
      { type: 'self', self: { id: deskId, name: 'New name' } },
    );
    expect(state.port).toBe(4711);
    expect(state.self.name).toBe('New name');
  });

  it('replaces lists as a whole', () => {
    const device = deviceView(laptopId, 'Laptop');
    const state = after(
      start,
      { type: 'devices', devices: [device] },
      { type: 'invites', invites: [invite()] },
    );
    expect(state.devices).toEqual([device]);
    expect(state.invites).toHaveLength(1);
    expect(after(state, { type: 'devices', devices: [] }).devices).toEqual([]);
  });

  it('keeps one notice of each kind, the latest', () => {
    const state = after(
      start,
      { type: 'notice', notice: { kind: 'port-changed', port: 1 } },
      { type: 'notice', notice: { kind: 'slow-cipher' } },
      { type: 'notice', notice: { kind: 'port-changed', port: 2 } },
    );
    expect(state.notices).toEqual([{ kind: 'slow-cipher' }, { kind: 'port-changed', port: 2 }]);
  });

  it('counts what was turned away of each device together, until that device is forgotten', () => {
    const device = deviceView(laptopId, 'Laptop');
    const of = (count: number) =>
      ({ device: { id: device.id, name: 'Laptop' }, code: 'offers-open', count }) as const;
    const more = (count: number) => ({ type: 'turned-away', turnedAway: of(count) }) as const;
    const state = after(start, { type: 'devices', devices: [device] }, more(1), more(30));
    expect(state.turnedAway).toEqual([of(31)]);
    expect(state.announcement.text).toContain('30 offers from Laptop were turned away.');
    expect(after(state, { type: 'devices', devices: [] }).turnedAway).toEqual([]);
  });

  it('leaves the state it was given alone', () => {
    const frozen = structuredClone(start);
    after(start, { type: 'transfer', transfer: done }, { type: 'pairing', pairing: comparing });
    expect(start).toEqual(frozen);
  });
});

describe('transfers', () => {
  it('updates the row of a transfer in place', () => {
    const other = transfer({ kind: 'connecting' }, { id: transferId(1) });
    const state = after(
      start,
      { type: 'transfer', transfer: transfer(running(1)) },
      { type: 'transfer', transfer: other },
      { type: 'transfer', transfer: transfer(running(2)) },
    );
    expect(state.transfers).toEqual([transfer(running(2)), other]);
  });

  it('lets go of what was taken from the history, by whomever, and keeps the others', () => {
    const other = transfer({ kind: 'connecting' }, { id: transferId(1) });
    const state = after(
      start,
      { type: 'transfer', transfer: done },
      { type: 'transfer', transfer: other },
      { type: 'removed', transfers: [done.id, transferId(2)] },
    );
    expect(state.transfers).toEqual([other]);
    expect(Object.keys(state.changed)).toEqual([other.id]);
  });

  it('remembers when a transfer last moved, not when it was last heard of', () => {
    const id = transfer(running(1)).id;
    const moved = after(start, { type: 'transfer', transfer: transfer(running(1)) });
    expect(moved.changed[id]).toBe(1_000);
    expect(reduce(moved, { type: 'transfer', transfer: transfer(running(1)) }, 5_000).changed[id]).toBe(
      1_000,
    );
    expect(reduce(moved, { type: 'transfer', transfer: transfer(running(1, 1)) }, 6_000).changed[id]).toBe(
      6_000,
    );
    expect(
      reduce(moved, { type: 'transfer', transfer: transfer({ kind: 'finishing' }) }, 7_000).changed[id],
    ).toBe(7_000);
    const looking = reduce(
      moved,
      { type: 'transfer', transfer: transfer({ kind: 'preparing', files: 1, bytes: 1 }) },
      8_000,
    );
    const found = reduce(
      looking,
      { type: 'transfer', transfer: transfer({ kind: 'preparing', files: 2, bytes: 1 }) },
      9_000,
    );
    expect(found.changed[id]).toBe(9_000);
  });

  it('announces offers and ends, once, and not what is on its way', () => {
    const offered = transfer(OFFERED, { direction: 'receive' });
    const first = after(start, { type: 'transfer', transfer: offered });
    expect(first.announcement).toEqual({
      text: 'Laptop wants to send you 2,004 files (312 MB).',
      serial: 1,
    });
    const going = after(
      first,
      { type: 'transfer', transfer: offered },
      { type: 'transfer', transfer: transfer(running(1), { direction: 'receive' }) },
      { type: 'transfer', transfer: transfer({ kind: 'finishing' }, { direction: 'receive' }) },
    );
    expect(going.announcement.serial).toBe(1);
    expect(after(going, { type: 'transfer', transfer: done }).announcement.serial).toBe(2);
  });

  it('keeps offers apart, oldest first, and lists the rest with what runs on top', () => {
    const early = transfer(OFFERED, { direction: 'receive', id: transferId(1), created: 10 });
    const late = transfer(OFFERED, { direction: 'receive', id: transferId(2), created: 20 });
    const mine = transfer(OFFERED, { id: transferId(3), created: 5 });
    const old = transfer({ kind: 'declined' }, { id: transferId(4), created: 30 });
    const older = transfer({ kind: 'declined' }, { id: transferId(5), created: 25 });
    const all = [older, late, old, early, mine];
    expect(incomingOffers(all)).toEqual([early, late]);
    expect(listedTransfers(all)).toEqual([mine, old, older]);
  });

  it('keeps the newest few offers that nobody answered, and all else, whatever somebody floods with', () => {
    const peer = { direction: 'receive', recorded: false } as const;
    const idOf = (count: number) => transferIdSchema.parse(count.toString(16).padStart(32, '0'));
    const mine = Array.from({ length: 60 }, (_, index) =>
      transfer({ kind: 'declined' }, { id: idOf(1_000 + index) }),
    );
    const open = transfer(OFFERED, { ...peer, id: idOf(2_000) });
    let state = after(
      start,
      ...[...mine, open].map((each) => ({ type: 'transfer', transfer: each }) as const),
    );
    for (let count = 0; count < 600; count += 1) {
      const view = { ...peer, id: idOf(count), created: 10_000 + count };
      const lost = { kind: 'failed', error: { code: 'connection-lost', message: 'Lost.' } } as const;
      const end = count % 2 === 0 ? ({ kind: 'cancelled', by: 'peer' } as const) : lost;
      for (const step of [OFFERED, end]) {
        state = reduce(state, { type: 'transfer', transfer: transfer(step, view) }, count);
      }
      expect(state.transfers.length).toBeLessThanOrEqual(mine.length + 1 + 5);
    }
    expect(state.transfers.slice(0, 61)).toEqual([...mine, open]);
    expect(state.transfers.slice(61).map(({ created }) => created)).toEqual([
      10_595, 10_596, 10_597, 10_598, 10_599,
    ]);
    expect(Object.keys(state.changed)).toHaveLength(66);
    expect(
      fromSnapshot(
        snapshot({ transfers: [...state.transfers, transfer({ kind: 'cancelled', by: 'peer' }, peer)] }),
        0,
      ).transfers,
    ).toHaveLength(66);
    const cleared = withoutHistory(state);
    expect(cleared.transfers).toEqual([open]);
    expect(Object.keys(cleared.changed)).toEqual([open.id]);
  });

  it('clears only what is over', () => {
    const going = transfer(running(1), { id: transferId(1) });
    const state = after(start, { type: 'transfer', transfer: done }, { type: 'transfer', transfer: going });
    expect(withoutHistory(state).transfers).toEqual([going]);
  });
});

describe('pairing', () => {
  it('opens the comparison by itself when somebody uses an invite of this device', () => {
    expect(after(start, { type: 'pairing', pairing: pairing({ kind: 'connecting' }) }).dialog.step).toBe(
      'closed',
    );
    const state = after(start, { type: 'pairing', pairing: comparing });
    expect(state.dialog).toEqual({ step: 'follow', id: comparing.id, invite: null });
  });

  it('opens it after a reload, too', () => {
    expect(fromSnapshot(snapshot({ pairings: [comparing] }), 0).dialog.step).toBe('follow');
    const over = pairing({ kind: 'failed', error: { code: 'code-mismatch', message: 'no' } });
    expect(fromSnapshot(snapshot({ pairings: [over] }), 0).dialog.step).toBe('closed');
  });

  it('remembers the invite that was shown, so that it can be withdrawn', () => {
    const shown: PageState = { ...start, dialog: { step: 'show', invite: invite(), error: null } };
    expect(after(shown, { type: 'pairing', pairing: comparing }).dialog).toEqual({
      step: 'follow',
      id: comparing.id,
      invite: invite(),
    });
  });

  it('does not open by itself for attempts this device makes, or when it watches one already', () => {
    const made = pairing({ kind: 'comparing', code: '1' }, { role: 'invitee' });
    expect(after(start, { type: 'pairing', pairing: made }).dialog.step).toBe('closed');
    const second = pairing({ kind: 'comparing', code: '2' }, { id: pairingIdSchema.parse('b'.repeat(16)) });
    const state = after(start, { type: 'pairing', pairing: comparing }, { type: 'pairing', pairing: second });
    expect(state.dialog).toMatchObject({ step: 'follow', id: comparing.id });
    expect(nextDialog(state)).toMatchObject({ step: 'follow', id: second.id });
  });

  it('fills in a link that was opened, and goes no further', () => {
    const state = after(start, { type: 'open-link', link: 'sealane://pair#x' });
    expect(state.dialog).toEqual({ step: 'enter', text: 'sealane://pair#x', opened: true, typed: false });
  });

  it.each<[string, PageState['dialog']]>([
    ['an invite that is shown', { step: 'show', invite: invite(), error: null }],
    ['an invite that is being made', { step: 'show', invite: null, error: null }],
    ['an invite that is being entered', { step: 'enter', text: '', opened: false, typed: true }],
    ['a link that is being mended', { step: 'enter', text: 'sealane://pair#y', opened: true, typed: true }],
  ])('lets a link take the place of nothing that was begun here: %s', (_, dialog) => {
    const state = after({ ...start, dialog }, { type: 'open-link', link: 'sealane://pair#x' });
    expect(state.dialog).toBe(dialog);
    expect(state.problem).toMatch(/open the link again/);
  });

  it.each<[string, PageState['dialog']]>([
    ['is over', { step: 'show', invite: invite({ state: 'expired' }), error: null }],
    ['could not be made', { step: 'show', invite: null, error: 'no' }],
    ['was asked for and is not there yet', { step: 'enter', text: '', opened: false, typed: false }],
  ])('fills in a link where an invite %s', (_, dialog) => {
    const state = after({ ...start, dialog }, { type: 'open-link', link: 'sealane://pair#x' });
    expect(state.dialog).toMatchObject({ step: 'enter', text: 'sealane://pair#x' });
  });

  it('counts how often the window comes up, and changes nothing else', () => {
    const state = after(start, { type: 'shown' }, { type: 'shown' });
    expect(state).toEqual({ ...start, shows: 2 });
  });

  it('lets a link wait while a code is being compared', () => {
    const busy = after(start, { type: 'pairing', pairing: comparing });
    const state = after(busy, { type: 'open-link', link: 'sealane://pair#x' });
    expect(state.dialog).toEqual(busy.dialog);
    expect(state.problem).toMatch(/open the link again/);
    const ended = after(busy, {
      type: 'pairing',
      pairing: pairing({ kind: 'failed', error: { code: 'code-mismatch', message: 'no' } }),
    });
    expect(after(ended, { type: 'open-link', link: 'sealane://pair#x' }).dialog.step).toBe('enter');
  });
});
