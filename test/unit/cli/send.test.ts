import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS, SealaneError } from '../../../shared/errors.ts';
import type { ErrorView, TransferState } from '../../../shared/views.ts';
import { runCommandLine } from '../../../src-main/cli/program.ts';
import { DONE, FakeEngine, LAPTOP, RUNNING, TRANSFER } from './fake-engine.ts';
import type { Script } from './fake-engine.ts';
import { fakeHost, run } from './fake-host.ts';
import { OFFERED } from '../../support/offered.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-cli-'));
  await writeFile(join(folder, 'notes.txt'), 'notes');
});
afterAll(() => rm(folder, { recursive: true }));

describe('send', () => {
  const states =
    (...list: readonly TransferState[]): Script =>
    (call, _args, engine) => {
      if (call === 'send') for (const state of list) engine.transfer(state);
    };
  const send = (script: Script, ...flags: readonly string[]) =>
    run(['send', 'Laptop', 'notes.txt', '.', ...flags], { cwd: folder, engine: new FakeEngine(script) });

  it('sends absolute paths and tells the way to the end', async () => {
    const { exit, out, engine } = await send(
      states(
        { kind: 'preparing', files: 0, bytes: 0 },
        { kind: 'connecting' },
        OFFERED,
        RUNNING,
        RUNNING,
        { kind: 'finishing' },
        DONE,
      ),
      '--to',
      '[::1]:7400',
      '--json',
    );
    expect(exit).toBe('done');
    expect(engine.calls).toContainEqual([
      'send',
      { device: LAPTOP.id, paths: [join(folder, 'notes.txt'), folder], to: { host: '::1', port: 7400 } },
    ]);
    expect(out.events.map(({ event }) => event)).toEqual(['offer', 'progress', 'progress', 'done']);
    expect(out.events[3]).toMatchObject({
      transfer: TRANSFER,
      bytes: 3_000_000,
      files: 12,
      seconds: 6,
      into: null,
    });
  });

  it.each([
    [{ kind: 'declined' }, 'declined', 'declined', ERRORS.declined.message],
    [{ kind: 'cancelled', by: 'peer' }, 'cancelled', 'cancelled', 'The other device cancelled the transfer.'],
    [
      { kind: 'failed', error: { code: 'unreachable', message: 'Gone.' } },
      'unreachable',
      'unreachable',
      'Gone. If it has moved to another address, send this again with --to HOST:PORT.',
    ],
    [{ kind: 'failed', error: { code: 'not-trusted', message: 'Who?' } }, 'untrusted', 'not-trusted', 'Who?'],
    [{ kind: 'failed', error: { code: 'no-space', message: 'Full.' } }, 'failed', 'no-space', 'Full.'],
  ] as const)('ends for %o with %s', async (state, exit, code, message) => {
    const { exit: ended, out } = await send(states({ kind: 'connecting' }, state), '--json');
    expect(ended).toBe(exit);
    expect(out.events).toEqual([{ event: 'error', code, message, transfer: TRANSFER }]);
  });

  it('says why it stands and that it goes on', async () => {
    const lost = { code: 'connection-lost', message: 'Lost.' } as const;
    const full = { code: 'no-space', message: 'Full.' } as const;
    const progress = { bytes: 0, files: 0, bytesPerSecond: 0, secondsLeft: null };
    const waiting = (retryAt: number | null, error: ErrorView = lost): TransferState => ({
      kind: 'waiting',
      error,
      retryAt,
      progress,
    });
    const { exit, out } = await send(
      states(
        RUNNING,
        waiting(1),
        waiting(1),
        { kind: 'connecting' },
        waiting(2),
        RUNNING,
        waiting(null),
        waiting(null),
        waiting(null, full),
        waiting(null, full),
        RUNNING,
        DONE,
      ),
      '--json',
    );
    expect(exit).toBe('done');
    const told = { event: 'waiting', transfer: TRANSFER };
    expect(out.events.filter(({ event }) => event === 'waiting')).toEqual([
      ...[1, 2, null].map((retryAt) => ({ ...told, ...lost, retryAt })),
      { ...told, ...full, retryAt: null },
    ]);
    expect(out.events.filter(({ event }) => event === 'offer')).toHaveLength(1);
  });

  it('says that it goes on with what an earlier one had left off, and not that it waits', async () => {
    const progress = { bytes: 1_000_000, files: 4, bytesPerSecond: 0, secondsLeft: null };
    const error = { code: 'interrupted', message: 'Closed.' } as const;
    const leftOff: TransferState = { kind: 'waiting', error, retryAt: null, progress };
    const events = states(leftOff, { kind: 'connecting' }, RUNNING, DONE);
    const { exit, out } = await send(events);
    expect(exit).toBe('done');
    expect(out.lines[0]).toBe(
      'An earlier send of this was left off, and is gone on with: 1 MB of 3 MB are across.',
    );
    expect(out.text).not.toContain('It goes on by itself');
    const { out: json } = await send(states(leftOff, { kind: 'connecting' }, RUNNING, DONE), '--json');
    expect(json.events.map(({ event }) => event)).not.toContain('waiting');
  });

  it('leaves what waits for the next time on Ctrl-C', async () => {
    const progress = { bytes: 0, files: 0, bytesPerSecond: 0, secondsLeft: null };
    const error = { code: 'connection-lost', message: 'Lost.' } as const;
    const engine = new FakeEngine(states(RUNNING, { kind: 'waiting', error, retryAt: null, progress }));
    const host = fakeHost({ engine, cwd: folder });
    host.stdout.on('written', () => {
      if (host.stdout.text.includes('"waiting"')) setImmediate(host.interrupt);
    });
    expect(await runCommandLine(['send', 'Laptop', '.', '--json'], host)).toBe('cancelled');
    expect(engine.called).not.toContain('cancelTransfer');
    expect(host.stdout.events.at(-1)).toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining('again') as unknown,
    });
  });

  it('does not know a device that is not paired', async () => {
    const { exit, out } = await run(['send', 'Nobody', '.', '--json'], { cwd: folder });
    expect(exit).toBe('untrusted');
    expect(out.events).toMatchObject([{ event: 'error', code: 'device-unknown' }]);
  });

  it('cancels on Ctrl-C and waits for the end of it', async () => {
    const engine = new FakeEngine((call, _args, fake) => {
      if (call === 'send') fake.transfer(RUNNING);
      if (call === 'cancelTransfer') fake.transfer({ kind: 'cancelled', by: 'me' });
    });
    const host = fakeHost({ engine, cwd: folder });
    host.stdout.on('written', host.interrupt);
    expect(await runCommandLine(['send', 'Laptop', '.', '--json'], host)).toBe('cancelled');
    expect(engine.calls).toContainEqual(['cancelTransfer', TRANSFER]);
    expect(host.stdout.events.at(-1)).toMatchObject({ event: 'error', code: 'cancelled' });
  });

  it('leaves what is running for the next time on SIGTERM', async () => {
    const host = fakeHost({ engine: new FakeEngine(states(RUNNING)), cwd: folder });
    host.stdout.on('written', () => {
      if (host.stdout.text.includes('"progress"')) setImmediate(host.shutDown);
    });
    expect(await runCommandLine(['send', 'Laptop', '.', '--json'], host)).toBe('cancelled');
    expect(host.engine.called).not.toContain('cancelTransfer');
    expect(host.stdout.events.at(-1)).toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining('goes on where it was') as unknown,
    });
  });

  it('is done when it was done before Ctrl-C could be told', async () => {
    const engine = new FakeEngine((call, _args, fake) => {
      if (call === 'send') fake.transfer(RUNNING);
      if (call !== 'cancelTransfer') return;
      fake.transfer(DONE);
      throw new SealaneError('unknown-transfer');
    });
    const host = fakeHost({ engine, cwd: folder });
    host.stdout.on('written', host.interrupt);
    expect(await runCommandLine(['send', 'Laptop', '.', '--json'], host)).toBe('done');
  });
});
