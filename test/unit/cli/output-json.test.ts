import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { jsonLine } from '../../../src-main/cli/output-json.ts';
import {
  cancelledReport,
  detailReport,
  deviceReport,
  doneReport,
  incompleteReport,
  inviteStateReport,
  newInviteReport,
  noticeReport,
  offerReport,
  progressReport,
  transferReport,
  turnedAwayReport,
} from '../../../src-main/cli/report.ts';
import type { Report } from '../../../src-main/cli/report.ts';
import { otherAddressReport } from '../../../src-main/cli/other-address.ts';
import { DONE, INVITE, LAPTOP, OUTCOME, RUNNING, SELF, TRANSFER, transferView } from './fake-engine.ts';
import { OFFERED } from '../../support/offered.ts';

const LEFT_OUT = { skipped: [], skippedCount: 2 };
const LACK = { needed: 2, free: 1, folder: '/in' };

/** The fields of docs/cli.md, by event. A script may rely on each of them. */
const progress = RUNNING.kind === 'running' ? RUNNING.progress : undefined;
if (progress === undefined) throw new Error('the fixture has another state');

const reports: readonly (readonly [string, Report, readonly string[]])[] = [
  ['id', { event: 'id', ...SELF }, ['id', 'name']],
  [
    'device',
    deviceReport(LAPTOP),
    ['accept', 'hasForgotten', 'id', 'into', 'label', 'lastSeen', 'name', 'was'],
  ],
  ['ready', { event: 'ready', ...SELF, port: 1 }, ['id', 'name', 'port']],
  ['invite', newInviteReport(INVITE), ['expires', 'id', 'link', 'token']],
  ['invite', inviteStateReport(INVITE), ['created', 'expires', 'id', 'state']],
  ['code', { event: 'code', code: '123 456', knownAs: null }, ['code', 'knownAs']],
  ['notice', noticeReport({ kind: 'records-lost', records: ['devices'] }), ['kind', 'message']],
  [
    'turned-away',
    turnedAwayReport({ device: SELF, code: 'busy', count: 2 }),
    ['code', 'count', 'device', 'message'],
  ],
  [
    'other-address',
    otherAddressReport({
      transfer: TRANSFER,
      device: SELF,
      given: '[::1]:7400',
      cause: 'refused',
      reached: '10.0.0.1:7400',
    }),
    ['cause', 'device', 'given', 'message', 'reached', 'transfer'],
  ],
  ['paired', { event: 'paired', device: SELF, knownAs: null }, ['device', 'knownAs']],
  [
    'offer',
    offerReport(transferView(OFFERED)),
    [
      'bytes',
      'device',
      'direction',
      'files',
      'folders',
      'hidden',
      'itemCount',
      'items',
      'programs',
      'transfer',
    ],
  ],
  [
    'progress',
    progressReport(transferView(RUNNING), progress),
    ['bytes', 'bytesPerSecond', 'files', 'secondsLeft', 'totalBytes', 'totalFiles', 'transfer'],
  ],
  [
    'waiting',
    { event: 'waiting', transfer: TRANSFER, code: 'no-space', message: 'Full.', retryAt: null, ...LACK },
    ['code', 'folder', 'free', 'message', 'needed', 'retryAt', 'transfer'],
  ],
  ['paused', { event: 'paused', transfer: TRANSFER, by: 'peer' }, ['by', 'transfer']],
  [
    'done',
    doneReport(TRANSFER, OUTCOME),
    [
      'bytes',
      'files',
      'grown',
      'grownCount',
      'into',
      'names',
      'renamed',
      'renamedCount',
      'resent',
      'resentCount',
      'seconds',
      'transfer',
    ],
  ],
  [
    'incomplete',
    incompleteReport(TRANSFER, OUTCOME, LEFT_OUT),
    [
      'bytes',
      'files',
      'grown',
      'grownCount',
      'into',
      'names',
      'renamed',
      'renamedCount',
      'resent',
      'resentCount',
      'seconds',
      'skipped',
      'skippedCount',
      'transfer',
    ],
  ],
  [
    'transfer',
    transferReport(transferView(DONE)),
    [
      'bytes',
      'created',
      'device',
      'direction',
      'files',
      'itemCount',
      'names',
      'partial',
      'renamedCount',
      'skippedCount',
      'state',
      'transfer',
      'unfinished',
    ],
  ],
  [
    'cancelled',
    cancelledReport({ transfer: transferView(DONE), isTold: true, leftover: null }),
    ['device', 'direction', 'itemCount', 'names', 'partial', 'told', 'transfer'],
  ],
  [
    'moved',
    { event: 'moved', transfer: TRANSFER, into: '/in', isClean: true },
    ['into', 'isClean', 'transfer'],
  ],
  ['removed', { event: 'removed', transfer: TRANSFER }, ['transfer']],
  ['expiry', { event: 'expiry', afterDays: null }, ['afterDays']],
  [
    'skipped',
    detailReport(TRANSFER, { kind: 'skipped', path: 'a', reason: 'vanished' }),
    ['path', 'reason', 'transfer'],
  ],
  ['renamed', detailReport(TRANSFER, { kind: 'renamed', from: 'a', to: 'b' }), ['from', 'to', 'transfer']],
  [
    'unlisted',
    { event: 'unlisted', transfer: TRANSFER, skippedCount: 1, renamedCount: 0 },
    ['renamedCount', 'skippedCount', 'transfer'],
  ],
  [
    'error',
    { event: 'error', code: 'nothing-arrived', message: 'No.', transfer: TRANSFER, ...LEFT_OUT, ...LACK },
    ['code', 'folder', 'free', 'message', 'needed', 'skipped', 'skippedCount', 'transfer'],
  ],
];

describe('a line of JSON', () => {
  it.each(reports)('for %s has its fields', (event, report, fields) => {
    const line = jsonLine(report);
    expect(line).not.toContain('\n');
    const parsed: unknown = JSON.parse(line);
    expect(parsed).toEqual(report);
    expect(Object.keys(report).sort()).toEqual(['event', ...fields].sort());
    expect(report.event).toBe(event);
  });

  it.each(reports)('for %s has the fields that docs/cli.md promises', async (event, report, fields) => {
    const page = await readFile(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith(`| \`${event}\` | \``));
    const promised = rows.map((row) =>
      [...(row.split(' | ')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, field]) => field),
    );
    expect(promised).toContainEqual(Object.keys(report).slice(1));
    expect(promised.some((row) => row.toSorted().join() === fields.toSorted().join())).toBe(true);
  });

  it('carries hostile names whole, and harmless to a terminal that shows them', () => {
    const name = 'a\u001b[2J\u009b2J\u007f\n\u2028\u202e\u2066"\\ü😀\ud800';
    const line = jsonLine({ event: 'id', id: SELF.id, name });
    expect(JSON.parse(line)).toEqual({ event: 'id', id: SELF.id, name });
    // eslint's no-control-regex is the point here.
    expect(
      line
        .split('')
        .filter((c) => c < ' ' || (c >= '\u007f' && c <= '\u009f') || '\u2028\u202e\u2066'.includes(c)),
    ).toEqual([]);
  });
});
