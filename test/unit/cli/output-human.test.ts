import { describe, expect, it } from 'vitest';
import type { LeftOut } from '../../../shared/views.ts';
import { HumanOutput } from '../../../src-main/cli/output-human.ts';
import {
  cancelledReport,
  deviceReport,
  doneReport,
  incompleteReport,
  inviteStateReport,
  newInviteReport,
  offerReport,
  progressReport,
  transferReport,
} from '../../../src-main/cli/report.ts';
import { DONE, INVITE, LAPTOP, NOW, OUTCOME, RUNNING, SELF, TRANSFER, transferView } from './fake-engine.ts';
import { fakeHost } from './fake-host.ts';
import type { FakeHostOptions } from './fake-host.ts';
import { OFFERED, items } from '../../support/offered.ts';

const ESCAPE = '\u001b';

function output(options: FakeHostOptions = {}) {
  const host = fakeHost(options);
  return { say: new HumanOutput(host), out: host.stdout, err: host.stderr };
}

const offer = offerReport(transferView(OFFERED));
const progress = progressReport(transferView(RUNNING), {
  bytes: 1_500_000,
  files: 5,
  bytesPerSecond: 500_000,
  secondsLeft: 3,
});

describe('sentences for people', () => {
  it('say who this device is and whom it knows', () => {
    const { say, out } = output();
    say.report({ event: 'id', ...SELF });
    say.report(deviceReport(LAPTOP));
    say.report(deviceReport({ ...LAPTOP, accept: 'always', into: '/in', lastSeen: null }));
    expect(out.lines).toEqual([
      'Name  Desk',
      `Id    ${SELF.id}`,
      'Laptop  asks every time, seen 3 hours ago',
      `  ${LAPTOP.id}`,
      'Laptop  always accepted, into /in, not seen yet',
      `  ${LAPTOP.id}`,
    ]);
  });

  it('give an invite with its time, and no QR code where nobody could scan it', () => {
    const { say, out } = output();
    say.report(newInviteReport(INVITE));
    expect(out.lines).toEqual(['Invite, good for 10 minutes and for one device:', '', INVITE.link, '']);
  });

  it('draw a QR code on a terminal that is wide enough', () => {
    const { say, out } = output({ terminal: true });
    say.report(newInviteReport(INVITE));
    expect(out.text).toContain('▀');
    const narrow = output({ terminal: true });
    narrow.out.columns = 20;
    narrow.say.report(newInviteReport(INVITE));
    expect(narrow.out.text).not.toContain('▀');
    expect(narrow.out.text).toContain('wider');
  });

  it('list invites and history', () => {
    const { say, out } = output();
    say.report(inviteStateReport({ ...INVITE, created: NOW - 120_000 }));
    say.report(inviteStateReport({ ...INVITE, created: NOW - 120_000, state: 'revoked' }));
    say.report(transferReport(transferView(DONE)));
    say.report(transferReport(transferView({ kind: 'declined' }, { direction: 'receive', itemCount: 3 })));
    expect(out.lines).toEqual([
      `${INVITE.id}  made 2 minutes ago, good for another 10 minutes`,
      `${INVITE.id}  made 2 minutes ago, revoked`,
      'To Laptop: Holiday (12 files, 3 MB), done, 1 minute ago',
      `  ${TRANSFER}`,
      'From Laptop: Holiday and 2 more (12 files, 3 MB), declined, 1 minute ago',
      `  ${TRANSFER}`,
    ]);
  });

  it('tell where what has arrived of an unfinished transfer lies, and whether that is there', () => {
    const { say, out } = output();
    const partial = {
      folder: '/in/.sealane-\u202e',
      into: '/in',
      bytes: 1_500_000,
      isWhole: true,
      isThere: true,
    };
    const away = { ...partial, isThere: false };
    const receiving = transferView(RUNNING, { direction: 'receive' });
    say.report(transferReport(receiving, partial));
    say.report(transferReport(receiving, away));
    say.report(transferReport(receiving));
    say.report(transferReport(transferView(DONE), away));
    expect(out.lines.filter((line) => line.startsWith('  ') && !line.includes(TRANSFER))).toEqual([
      '  unfinished; 1.5 MB of it in /in/.sealane-\\u{202e}',
      '  unfinished; what has arrived is in /in/.sealane-\\u{202e}, which is not there now',
      '  unfinished',
      '  what had arrived is still in /in/.sealane-\\u{202e}, which is not there now',
    ]);
  });

  it('tell that a transfer was cancelled, and what is still to come of that', () => {
    const { say, out } = output();
    const transfer = transferView({ kind: 'cancelled', by: 'me' }, { direction: 'receive' });
    const leftover = { folder: '/stick/.sealane-1', into: '/stick', bytes: 0, isWhole: true, isThere: false };
    say.report(cancelledReport({ transfer, isTold: true, leftover: null }));
    say.report(cancelledReport({ transfer, isTold: false, leftover }));
    expect(out.lines).toEqual([
      'Cancelled: Holiday from Laptop.',
      'Cancelled: Holiday from Laptop.',
      'Laptop cannot be reached now, and is told when the two devices meet next.',
      'What had arrived cannot be removed now: it is in /stick/.sealane-1. Sealane removes it when it starts and that can be reached.',
    ]);
  });

  it('tell a pipe where a transfer starts and ends, without a bar', () => {
    const { say, out } = output();
    say.report(offer);
    say.report(progress);
    say.report(doneReport(TRANSFER, OUTCOME));
    expect(out.text).not.toContain('\r');
    expect(out.lines).toEqual([
      'Offered to Laptop: Holiday (12 files, 3 MB)',
      'Sent 12 files, 3 MB to Laptop in 6 seconds.',
    ]);
  });

  it('tell what arrived where, and all that did not', () => {
    const { say, out } = output();
    say.report({ ...offer, direction: 'receive' });
    const outcome = { ...OUTCOME, into: '/in', names: ['Holiday (2)'] };
    const skipped: LeftOut['skipped'] = [{ path: 'Holiday/a\u001b[2J.txt', reason: 'vanished' }];
    say.report(incompleteReport(TRANSFER, outcome, { skipped, skippedCount: 3 }));
    expect(out.lines).toEqual([
      'Laptop would like to send: Holiday (12 files, 3 MB)',
      'Received 12 files, 3 MB from Laptop in 6 seconds, but not everything.',
      'In /in: Holiday (2)',
      '3 items did not arrive:',
      '  Holiday/a\\u{1b}[2J.txt: was gone before it could be sent',
      '  and 2 others',
    ]);
  });

  it('tell what changed meanwhile and went across once more', () => {
    const { say, out } = output();
    say.report(doneReport(TRANSFER, { ...OUTCOME, resent: ['Holiday/log\u202e'], resentCount: 2 }));
    expect(out.lines.slice(1)).toEqual([
      '2 files had changed meanwhile and went across once more:',
      '  Holiday/log\\u{202e}',
      '  and 1 other',
    ]);
  });

  it('tell what arrived where there was no file in it', () => {
    const { say, out } = output();
    const folders = { totalFiles: 0, totalBytes: 0 };
    say.report(offerReport({ ...transferView({ kind: 'connecting' }), ...folders }));
    say.report(doneReport(TRANSFER, { ...OUTCOME, files: 0, bytes: 0 }));
    expect(out.lines.join('\n')).not.toContain('0 files');
    expect(out.lines.at(-1)).toMatch(/^Sent Holiday.* \(no files\) to Laptop in /);
  });

  it('tell what a transfer was about that ended before it was looked at', () => {
    const { say, out } = output();
    const view = transferView({ kind: 'cancelled', by: 'me' });
    say.report(transferReport({ ...view, totalFiles: 0, totalBytes: 0 }));
    expect(out.lines[0]).toMatch(/^To Laptop: Holiday[^(]*, cancelled, /);
  });

  it('tell what grew meanwhile', () => {
    const { say, out } = output();
    say.report(doneReport(TRANSFER, { ...OUTCOME, grown: ['var/app\u202e.log'], grownCount: 2 }));
    expect(out.lines.slice(1)).toEqual([
      '2 files grew meanwhile; what was there when it was offered has arrived:',
      '  var/app\\u{202e}.log',
      '  and 1 other',
    ]);
  });

  it('tell what did not keep its name', () => {
    const { say, out } = output();
    const renamed = [{ from: 'nl\nx', to: 'nl_x' }];
    say.report(doneReport(TRANSFER, { ...OUTCOME, renamed, renamedCount: 3 }));
    expect(out.lines.slice(1)).toEqual([
      '3 items arrived under other names:',
      '  nl\\u{a}x as nl_x',
      '  and 2 others',
    ]);
  });

  it('tell why a transfer stands, and when it goes on', () => {
    const { say, out } = output();
    const waiting = {
      event: 'waiting',
      transfer: TRANSFER,
      code: 'connection-lost',
      message: 'Lost.',
    } as const;
    say.report({ ...waiting, retryAt: NOW + 8000 });
    say.report({ ...waiting, retryAt: null });
    say.report({ event: 'paused', transfer: TRANSFER, by: 'me' });
    expect(out.lines).toEqual([
      'Lost. It goes on by itself; next try in about 10 seconds.',
      'Lost. It goes on by itself when the other device is back.',
      'Paused here.',
    ]);
  });

  it('put errors on standard error', () => {
    const { say, out, err } = output();
    say.report({ event: 'error', code: 'declined', message: 'No.' });
    expect(out.text).toBe('');
    expect(err.text).toBe('error: No.\n');
  });

  it('tell why nothing arrived, each thing with its own reason', () => {
    const { say, err } = output();
    const skipped: LeftOut['skipped'] = [{ path: 'pid\u001b[2J', reason: 'changed' }];
    say.report({ event: 'error', code: 'nothing-arrived', message: 'Nothing.', skipped, skippedCount: 2 });
    expect(err.lines).toEqual([
      'error: Nothing.',
      '2 items did not arrive:',
      '  pid\\u{1b}[2J: changed while it was being sent',
      '  and 1 other',
    ]);
  });

  it('let no name of a peer act upon the terminal', () => {
    const { say, out } = output();
    const name = 'Lap\u001b[31mtop\u202e\n';
    say.report(deviceReport({ ...LAPTOP, name, into: `/in${name}` }));
    say.report({ event: 'code', code: '123 456', knownAs: name });
    say.report({ event: 'paired', device: { id: LAPTOP.id, name }, knownAs: name });
    say.report({ ...offer, device: { id: LAPTOP.id, name }, items: items(name) });
    say.report(doneReport(TRANSFER, { ...OUTCOME, into: name, names: [name] }));
    say.report({ ...transferReport(transferView(DONE)), device: { id: LAPTOP.id, name } });
    say.report({ event: 'ready', ...SELF, name, port: 1 });
    say.report({ event: 'id', ...SELF, name });
    expect(out.text).not.toMatch(new RegExp(`[${ESCAPE}\\u202e]`));
    expect(out.text.match(/Lap\\u\{1b\}\[31mtop\\u\{202e\}\\u\{a\}/g)?.length).toBeGreaterThanOrEqual(10);
  });
});

describe('a terminal', () => {
  it('has a bar as its last line, gone when the transfer is done', () => {
    const { say, out } = output({ terminal: true, env: { NO_COLOR: '1' } });
    say.report(offer);
    say.report(progress);
    expect(out.text.endsWith('12 of 12 files')).toBe(false);
    expect(out.text).toMatch(/\r\u001b\[K█+░+ {2}50% {2}500 kB\/s/);
    say.remark('Something else.');
    expect(out.text).toMatch(/\r\u001b\[KSomething else\.\n\r\u001b\[K█/);
    say.report(doneReport(TRANSFER, OUTCOME));
    expect(out.text.endsWith('\r\u001b[KSent 12 files, 3 MB to Laptop in 6 seconds.\n')).toBe(true);
  });

  it('loses the bar of a transfer that failed', () => {
    const { say, out, err } = output({ terminal: true, env: { NO_COLOR: '1' } });
    say.report(progress);
    say.report({ event: 'error', code: 'declined', message: 'No.', transfer: TRANSFER });
    expect(err.text).toBe('error: No.\n');
    expect(out.text.endsWith('\r\u001b[K')).toBe(true);
  });

  it('keeps quiet while a question stands there, and says it all afterwards', () => {
    const { say, out, err } = output({ terminal: true, env: { NO_COLOR: '1' } });
    say.pause();
    say.report(progress);
    say.remark('Meanwhile.');
    say.report({ event: 'error', code: 'declined', message: 'No.' });
    expect(out.text + err.text).toBe('');
    say.resume();
    expect(out.text).toContain('Meanwhile.\n');
    expect(out.text).toContain('█');
    expect(err.text).toBe('error: No.\n');
  });

  it('keeps little of what comes while a question stands for long, and says how much was left out', () => {
    const { say, out } = output({ terminal: true, env: { NO_COLOR: '1' } });
    say.pause();
    for (let count = 1; count <= 100_000; count += 1) say.remark(`Line ${String(count)}.`);
    say.resume();
    const lines = out.text.split('\n').slice(0, -1);
    expect(lines).toHaveLength(201);
    expect(lines.slice(-2)).toEqual(['Line 200.', '(99800 messages came meanwhile that are not shown.)']);
    say.remark('Later.');
    expect(out.text.endsWith('Later.\n')).toBe(true);
  });

  it.each([
    ['a terminal', { terminal: true, env: {} }, true],
    ['an empty NO_COLOR', { terminal: true, env: { NO_COLOR: '' } }, true],
    ['NO_COLOR', { terminal: true, env: { NO_COLOR: '1' } }, false],
    ['a dumb terminal', { terminal: true, env: { TERM: 'dumb' } }, false],
    ['a pipe', { terminal: false, env: {} }, false],
  ])('has colours with %s: %o %s', (_name, options, coloured) => {
    const { say, out } = output(options);
    say.report({ event: 'id', ...SELF });
    expect(out.text.includes(ESCAPE)).toBe(coloured);
  });

  it('draws no bar on a dumb one', () => {
    const { say, out } = output({ terminal: true, env: { TERM: 'dumb' } });
    say.report(progress);
    expect(out.text).toBe('');
  });
});
