import { describe, expect, it } from 'vitest';
import { announcementFor, nameShown, offerText, statusText } from '../../../src-renderer/phrases.ts';
import { outcome, running, transfer } from './fixtures.ts';

const progress = { bytes: 1, files: 0, bytesPerSecond: 0, secondsLeft: null };
const receive = { direction: 'receive' } as const;

describe('statusText', () => {
  it.each([
    [transfer({ kind: 'preparing', files: 0, bytes: 0 }), 'Looking at what to send…'],
    [
      transfer({ kind: 'preparing', files: 1200, bytes: 5_000_000 }),
      'Looking at what to send… 1,200 files, 5 MB so far',
    ],
    [transfer({ kind: 'connecting' }), 'Connecting to Laptop…'],
    [transfer({ kind: 'offered' }), 'Waiting for Laptop to accept…'],
    [
      transfer(running(134_000_000, 862)),
      '134 MB of 312 MB · 862 of 2,004 files · 1 MB/s · about 2 minutes left',
    ],
    [transfer(running(5, 0), { totalFiles: 1 }), '5 bytes of 312 MB · 1 MB/s · about 2 minutes left'],
    [
      transfer({
        kind: 'waiting',
        error: { code: 'connection-lost', message: 'Lost.' },
        retryAt: 20_000,
        progress,
      }),
      'Lost. It goes on by itself; next try in about 20 seconds.',
    ],
    [
      transfer({
        kind: 'waiting',
        error: { code: 'unreachable', message: 'Away.' },
        retryAt: null,
        progress,
      }),
      'Away. It goes on by itself when Laptop is back.',
    ],
    [transfer({ kind: 'paused', by: 'me', progress }), '1 byte of 312 MB · 0 of 2,004 files · Paused'],
    [
      transfer({ kind: 'paused', by: 'peer', progress }),
      '1 byte of 312 MB · 0 of 2,004 files · Paused on Laptop',
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

describe('offerText', () => {
  it('says who, how many and how much', () => {
    expect(offerText(transfer({ kind: 'offered' }, receive))).toBe(
      'Laptop wants to send you 2,004 files (312 MB)',
    );
    const folders = { ...receive, totalFiles: 0, totalBytes: 0 };
    expect(offerText(transfer({ kind: 'offered' }, { ...folders, itemCount: 1 }))).toBe(
      'Laptop wants to send you an empty folder',
    );
    expect(offerText(transfer({ kind: 'offered' }, { ...folders, itemCount: 3 }))).toBe(
      'Laptop wants to send you 3 empty folders',
    );
  });
});

describe('names from elsewhere', () => {
  it('are escaped wherever they are put into words', () => {
    const evil = transfer(
      { kind: 'offered' },
      {
        ...receive,
        items: ['a\u202eb'],
        device: { ...transfer({ kind: 'offered' }).device, name: 'x\u001b[31m' },
      },
    );
    for (const text of [
      offerText(evil),
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
    const view = transfer({ kind: 'done', outcome: { ...outcome, skippedCount: 3 } });
    expect(announcementFor(undefined, view)).toBe(
      'Done: Holiday and 3 more to Laptop. 3 files not transferred.',
    );
  });

  it('says once that a transfer waits, not at each try', () => {
    const waiting = transfer({
      kind: 'waiting',
      error: { code: 'connection-lost', message: 'Lost.' },
      retryAt: 1,
      progress,
    });
    expect(announcementFor(transfer(running(1)), waiting)).toBe(
      'Waiting: Holiday and 3 more to Laptop. Lost.',
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
