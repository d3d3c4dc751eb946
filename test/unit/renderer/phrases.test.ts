import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { Renamed, TransferState } from '../../../shared/views.ts';
import {
  announcementFor,
  fewRenamesText,
  goneText,
  offerLabel,
  offerText,
  standingText,
  statusText,
  togetherText,
  partialText,
} from '../../../src-renderer/phrases.ts';
import { nameShown, renamedText } from '../../../shared/words.ts';
import { outcome, running, transfer } from './fixtures.ts';
import { OFFERED, items } from '../../support/offered.ts';

const progress = { bytes: 1, files: 0, bytesPerSecond: 0, secondsLeft: null };
const receive = { direction: 'receive' } as const;
const errorView = (code: ErrorCode) => ({ code, message: ERRORS[code].message });

describe('statusText', () => {
  it.each([
    [transfer({ kind: 'preparing', files: 0, bytes: 0 }), 'Looking at what to send…'],
    [
      transfer({ kind: 'preparing', files: 1200, bytes: 5_000_000 }),
      'Looking at what to send… 1,200 files, 5 MB so far',
    ],
    [transfer({ kind: 'connecting' }), 'Connecting to Laptop…'],
    [transfer(OFFERED), 'Waiting for Laptop to accept…'],
    [
      transfer(running(134_000_000, 862)),
      '134 MB of 312 MB · 862 of 2,004 files · 1 MB/s · about 2 minutes left',
    ],
    [transfer(running(5, 0), { totalFiles: 1 }), '5 bytes of 312 MB · 1 MB/s · about 2 minutes left'],
    [transfer({ kind: 'paused', by: 'me', progress }), 'Paused by you.'],
    [
      transfer({ kind: 'paused', by: 'peer', progress }),
      'Paused by Laptop. It goes on once it is resumed there.',
    ],
    [transfer({ kind: 'finishing' }), 'Everything is across. Laptop is saving it safely…'],
    [transfer({ kind: 'finishing' }, receive), 'Saving safely…'],
    [transfer({ kind: 'done', outcome }), '2,004 files, 312 MB in 12 seconds'],
    [transfer({ kind: 'declined' }), 'Laptop declined.'],
    [transfer({ kind: 'declined' }, receive), 'You declined.'],
    [transfer({ kind: 'cancelled', by: 'me' }), 'You cancelled it.'],
    [transfer({ kind: 'cancelled', by: 'peer' }), 'Laptop cancelled it.'],
    [transfer({ kind: 'failed', error: { code: 'no-space', message: 'Full.' } }), 'Full.'],
  ])('says of %j: %s', (view, text) => {
    expect(statusText(view, 0, 0)).toBe(text);
  });

  it('says so when nothing moves', () => {
    expect(statusText(transfer(running(1)), 0, 12_000)).toContain(
      'Nothing has moved for 12 seconds. Waiting for Laptop…',
    );
    expect(statusText(transfer({ kind: 'connecting' }), 0, 30_000)).toMatch(/^Still trying to reach Laptop/);
  });

  it('does not promise a time it does not know', () => {
    expect(
      statusText(transfer({ kind: 'running', progress: { ...progress, bytesPerSecond: 1_000 } }), 0, 0),
    ).toMatch(/1 kB\/s$/);
    expect(statusText(transfer({ kind: 'running', progress }), 0, 0)).toMatch(/Starting…$/);
  });
});

describe('a transfer that waits', () => {
  const nothing = { ...progress, bytes: 0 };
  const waits = (code: ErrorCode, state = {}) =>
    ({ kind: 'waiting', error: errorView(code), retryAt: null, progress, ...state }) as const;

  it.each([
    [
      'unreachable',
      {},
      'Laptop cannot be reached. Once it is on, with Sealane open, this goes on by itself. If it has moved to another address, enter that in its menu.',
    ],
    ['connection-lost', {}, 'The connection to Laptop was lost. This goes on by itself once it is back.'],
    ['connection-stalled', {}, 'Laptop does not answer. This goes on by itself once it does.'],
    ['interrupted', {}, 'Waiting for Laptop. This goes on by itself.'],
    ['busy', {}, 'Laptop is busy. This goes on by itself in a moment.'],
    [
      'offers-open',
      {},
      'Laptop has not answered earlier offers of yours, and keeps no more of them. Once some are answered, this is offered by itself.',
    ],
    [
      'too-fast',
      {},
      'Laptop does not take so many offers in so short a time. This is offered again by itself in a moment.',
    ],
    [
      'not-receiving',
      {},
      'Laptop is only sending at the moment. Once Sealane is open there to receive, this is offered by itself.',
    ],
    ['no-space', {}, 'Laptop has not enough free space. Once there is room, this goes on by itself.'],
    [
      'no-space',
      receive,
      'There is not enough free space here. Once you have made room, this goes on by itself.',
    ],
    [
      'destination-unusable',
      {},
      'Laptop cannot write to its folder for received files. Once it can, this goes on by itself.',
    ],
    [
      'destination-unusable',
      receive,
      'The folder for received files cannot be written. Once it can, this goes on by itself.',
    ],
    [
      'destination-changed',
      {},
      'The folder for received files on Laptop was moved or replaced. Sealane tries again by itself.',
    ],
    [
      'destination-changed',
      receive,
      'The folder for received files was moved or replaced. Sealane tries again by itself.',
    ],
    ['tls-failed', {}, `${ERRORS['tls-failed'].message} Sealane tries again by itself.`],
  ] as const)('says of %s %j: %s', (code, parts, text) => {
    expect(statusText(transfer(waits(code), parts), 0, 0)).toBe(text);
  });

  it('says how much room is needed, and on this device how much there is', () => {
    const error = (free: number | null) => ({
      code: 'no-space' as const,
      message: 'Full.',
      space: { needed: 50e9, free },
    });
    expect(statusText(transfer(waits('no-space', { error: error(null) })), 0, 0)).toBe(
      'Laptop has not enough free space: it needs 50 GB. Once there is room, this goes on by itself.',
    );
    expect(statusText(transfer(waits('no-space', { error: error(1e9) }), receive), 0, 0)).toBe(
      'There is not enough free space here: it needs 50 GB, and 1 GB are free. Once you have made room, this goes on by itself.',
    );
  });

  it('names the folder of this device that cannot be used, and what is wrong with it', () => {
    const message = 'Nothing can be put into /media/stick: it can only be read.';
    const error = { code: 'destination-unusable' as const, message, folder: '/media/stick' };
    expect(statusText(transfer(waits('destination-unusable', { error }), receive), 0, 0)).toBe(
      'Nothing can be put into /media/stick: it can only be read. Once it can be used, this goes on by itself.',
    );
  });

  it('has not begun when nothing came across: it is sent, and what it holds is said', () => {
    const view = transfer(waits('unreachable', { progress: nothing }));
    expect(statusText(view, 0, 0)).toMatch(
      /^Laptop cannot be reached\. .*this is sent by itself\. If it has moved/,
    );
    expect(standingText(view, nothing)).toBe('2,004 files (312 MB)');
  });

  it('says how far it has come', () => {
    expect(standingText(transfer(waits('unreachable')), progress)).toBe(
      '1 byte of 312 MB · 0 of 2,004 files',
    );
  });
});

describe('partialText', () => {
  it('tells where what has arrived lies, and that it is not there where its medium is not', () => {
    const partial = {
      folder: '/in/.sealane-1',
      into: '/in\u202e',
      bytes: 141_000_000,
      isWhole: true,
      isThere: true,
    };
    expect(partialText(partial)).toBe(
      'What has arrived takes 141 MB in /in\\u{202e}, hidden until all of it is there.',
    );
    expect(partialText({ ...partial, isThere: false })).toBe(
      'What has arrived is in /in\\u{202e}, which is not there now.',
    );
  });
});

describe('offerText', () => {
  it('says who, how many and how much', () => {
    expect(offerText(transfer(OFFERED, receive))).toBe('Laptop wants to send you 2,004 files (312 MB)');
    const folders = { ...receive, totalFiles: 0, totalBytes: 0 };
    expect(offerText(transfer(OFFERED, { ...folders, itemCount: 1 }))).toBe(
      'Laptop wants to send you an empty folder',
    );
    expect(offerText(transfer(OFFERED, { ...folders, itemCount: 3 }))).toBe(
      'Laptop wants to send you 3 empty folders',
    );
    expect(offerText(transfer(OFFERED, { ...folders, itemCount: 1, totalFolders: 20_000 }))).toBe(
      'Laptop wants to send you 20,000 empty folders',
    );
  });

  it('says how many folders there are below the top', () => {
    const one = { ...receive, items: items('Photos'), itemCount: 1, totalFiles: 1, totalBytes: 5 };
    const view = transfer(OFFERED, { ...one, totalFolders: 20_001 });
    expect(offerText(view)).toBe('Laptop wants to send you 1 file in 20,001 folders (5 bytes)');
    expect(togetherText([view, view]).size).toBe('2 files in 40,002 folders (10 bytes)');
  });
});

describe('fewRenamesText', () => {
  const done = (count: number, ...renamed: readonly Renamed[]): TransferState => ({
    kind: 'done',
    outcome: { ...outcome, renamed: [...renamed], renamedCount: count },
  });
  const two = { items: items('bbb.txt', 'Holiday'), itemCount: 2 };
  const holiday = { from: 'Holiday', to: 'Holiday (2)' };
  const below = { from: 'Holiday/a:b', to: 'Holiday/a_b' };

  it.each([
    [{}, done(0), undefined],
    [{}, done(1, holiday), 'As Holiday (2)'],
    // The folder has its name, and something below it has not.
    [{}, done(1, below), 'Holiday/a:b as Holiday/a_b'],
    [two, done(1, holiday), 'Holiday as Holiday (2)'],
    [two, done(2, holiday, { from: 'bbb.txt', to: 'b' }), 'Holiday as Holiday (2), bbb.txt as b'],
    // A list says more.
    [two, done(4, holiday, below, below, below), undefined],
    [two, done(3, holiday, below), undefined],
    [two, done(3), undefined],
  ])('says of %j and %j what there is to say without a list', (change, state, text) => {
    const only = { items: items('Holiday'), itemCount: 1 };
    expect(fewRenamesText(transfer(state, { ...only, ...change }))).toBe(text);
  });
});

describe('names from elsewhere', () => {
  it('are escaped wherever they are put into words', () => {
    const evil = transfer(OFFERED, {
      ...receive,
      items: items('a\u202eb'),
      device: { ...transfer(OFFERED).device, name: 'x\u001b[31m' },
    });
    for (const text of [
      offerText(evil),
      offerLabel(evil),
      goneText(evil, 'taken back'),
      renamedText({ from: 'a\u202eb', to: 'x\u001b[31m' }),
      fewRenamesText({
        ...evil,
        state: {
          kind: 'done',
          outcome: { ...outcome, renamed: [{ from: 'a\u202eb', to: 'x\u001b[31m' }], renamedCount: 1 },
        },
      }),
      statusText({ ...evil, direction: 'send' }, 0, 0),
      announcementFor(undefined, evil),
    ]) {
      expect(text).not.toContain('\u001b');
      expect(text).not.toContain('\u202e');
    }
  });

  it('keep their end when they are long: it tells what kind of file it is', () => {
    const shown = nameShown(`${'a'.repeat(250)}.exe`);
    expect(shown.length).toBeLessThan(100);
    expect(shown).toMatch(/^a+…a+\.exe$/);
    expect(nameShown('b'.repeat(96))).toBe('b'.repeat(96));
  });
});

describe('announcementFor', () => {
  it('tells of what was left out', () => {
    const leftOut = { skipped: [], skippedCount: 3 };
    const view = transfer({ kind: 'incomplete', outcome, leftOut });
    expect(announcementFor(undefined, view)).toBe(
      'Not everything arrived: Holiday and 3 more to Laptop. 3 items not transferred.',
    );
    expect(statusText(view, 0, 0)).toMatch(/^Not everything arrived: /);
  });

  it('says once that a transfer waits, not at each try', () => {
    const waiting = transfer({
      kind: 'waiting',
      error: { code: 'connection-lost', message: 'Lost.' },
      retryAt: 1,
      progress,
    });
    expect(announcementFor(transfer(running(1)), waiting)).toBe(
      'Waiting: Holiday and 3 more to Laptop. The connection to Laptop was lost. This goes on by itself once it is back.',
    );
    expect(announcementFor(transfer({ kind: 'connecting' }), waiting)).toBeUndefined();
    expect(announcementFor(waiting, waiting)).toBeUndefined();
  });

  it('is silent about what this user did', () => {
    expect(announcementFor(undefined, transfer({ kind: 'declined' }, receive))).toBeUndefined();
    expect(announcementFor(undefined, transfer({ kind: 'cancelled', by: 'me' }))).toBeUndefined();
    expect(announcementFor(undefined, transfer({ kind: 'cancelled', by: 'peer' }))).toContain(
      'Laptop cancelled',
    );
  });
});
