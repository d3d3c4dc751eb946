import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS, SealaneError } from '../../../shared/errors.ts';
import type { ErrorView, TransferState, TransferView } from '../../../shared/views.ts';
import { runCommandLine } from '../../../src-main/cli/program.ts';
import { DONE, FakeEngine, LAPTOP, OTHER_TRANSFER, OUTCOME, RUNNING, TRANSFER } from './fake-engine.ts';
import type { Script } from './fake-engine.ts';
import { answer, fakeHost, run } from './fake-host.ts';
import { OFFER, OFFERED } from '../../support/offered.ts';

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

const DONE_HERE: TransferState = {
  kind: 'done',
  outcome: { ...OUTCOME, into: '/in', names: ['Holiday'] },
};

/** A peer that offers once this device listens, and does what the answer asks of it. */
function peer(changes: readonly Partial<TransferView>[] = [{}]): Script {
  return (call, args, engine) => {
    const tell = (id: unknown, state: TransferState) => {
      const change = changes.find((each) => (each.id ?? TRANSFER) === id) ?? {};
      engine.transfer(state, { direction: 'receive', ...change });
    };
    if (call === 'listen') for (const { id = TRANSFER } of changes) tell(id, OFFERED);
    if (call === 'acceptTransfer') {
      tell(args[0], RUNNING);
      tell(args[0], DONE_HERE);
    }
    if (call === 'declineTransfer') tell(args[0], { kind: 'declined' });
    if (call === 'cancelTransfer') tell(args[0], { kind: 'cancelled', by: 'me' });
  };
}

describe('receive --once', () => {
  const receive = (engine: FakeEngine, ...flags: readonly string[]) =>
    run(['receive', '--once', '--json', ...flags], { engine, cwd: '/work' });

  it('answers every offer itself and ends with the transfer', async () => {
    const engine = new FakeEngine(peer());
    const { exit, out } = await receive(engine, '--accept', 'always', '--into', 'in');
    expect(exit).toBe('done');
    expect(engine.calls[0]).toEqual([
      'create',
      { profile: '/profile', answers: 'everything', autoAccept: false, announces: true },
    ]);
    expect(engine.calls).toContainEqual([
      'acceptTransfer',
      TRANSFER,
      OFFER,
      { into: '/work/in', whenUnusable: 'wait' },
    ]);
    expect(out.events.map(({ event }) => event).toSorted()).toEqual(['done', 'offer', 'progress', 'ready']);
    expect(out.events.at(-1)).toMatchObject({ into: '/in', names: ['Holiday'] });
  });

  it.each([
    ['never', 'ask', 'declineTransfer', 'declined'],
    ['never', 'always', 'declineTransfer', 'declined'],
    ['ask', 'always', 'declineTransfer', 'declined'],
    ['always', 'ask', 'acceptTransfer', 'done'],
    [undefined, 'always', 'acceptTransfer', 'done'],
    [undefined, 'ask', 'declineTransfer', 'declined'],
  ] as const)(
    'with --accept %s for a device set to %s means %s without a terminal',
    async (option, stored, call, exit) => {
      const engine = new FakeEngine(peer());
      engine.state = { ...engine.state, devices: [{ ...LAPTOP, accept: stored }] };
      const result = await receive(engine, ...(option === undefined ? [] : ['--accept', option]));
      expect(result.exit).toBe(exit);
      expect(engine.called.filter((name) => name.endsWith('Transfer'))).toEqual([call]);
      if (exit === 'done') return;
      const message = option === 'never' ? /--accept never/ : /no terminal to ask/;
      expect(result.out.events.at(-1)).toMatchObject({
        event: 'error',
        code: 'declined',
        message: expect.stringMatching(message) as unknown,
      });
    },
  );

  it('asks a stranger to the history for nothing', async () => {
    const engine = new FakeEngine(peer());
    engine.state = { ...engine.state, devices: [] };
    const { exit } = await receive(engine);
    expect(exit).toBe('declined');
  });

  it('declines what comes while the one is under way', async () => {
    const engine = new FakeEngine((call, args, fake) => {
      const other = { direction: 'receive', id: OTHER_TRANSFER } as const;
      if (call === 'listen') {
        fake.transfer(OFFERED, { direction: 'receive' });
        fake.transfer(OFFERED, other);
      }
      if (call === 'declineTransfer') {
        fake.transfer({ kind: 'declined' }, other);
        fake.transfer(DONE_HERE, { direction: 'receive' });
      }
      if (call === 'acceptTransfer') expect(args[0]).toBe(TRANSFER);
    });
    const { exit, out } = await receive(engine, '--accept', 'always');
    expect(exit).toBe('done');
    expect(engine.calls).toContainEqual(['declineTransfer', OTHER_TRANSFER, OFFER]);
    expect(out.events).toContainEqual({
      event: 'error',
      code: 'declined',
      message: expect.stringContaining('--once') as unknown,
      transfer: OTHER_TRANSFER,
    });
  });

  it('does not count what is left over from earlier and still waits', async () => {
    const progress = { bytes: 0, files: 0, bytesPerSecond: 0, secondsLeft: null };
    const error = { code: 'connection-lost', message: 'Lost.' } as const;
    const old = { direction: 'receive', id: OTHER_TRANSFER } as const;
    const engine = new FakeEngine((call, args, fake) => {
      if (call === 'listen') fake.transfer({ kind: 'waiting', error, retryAt: null, progress }, old);
      if (call === 'listen') fake.transfer({ kind: 'cancelled', by: 'peer' }, old);
      peer()(call, args, fake);
    });
    const { exit } = await receive(engine, '--accept', 'always');
    expect(exit).toBe('done');
  });

  it('is cancelled by Ctrl-C while nothing came', async () => {
    const host = fakeHost();
    host.stdout.on('written', host.interrupt);
    expect(await runCommandLine(['receive', '--once', '--json'], host)).toBe('cancelled');
  });
});

describe('receive on a terminal', () => {
  it.each([
    ['yes', 'acceptTransfer', 'done'],
    ['no', 'declineTransfer', 'declined'],
  ] as const)('asks by name; %s means %s', async (word, call, exit) => {
    const engine = new FakeEngine(peer());
    const host = fakeHost({ engine, terminal: true });
    answer(host, 'Accept “Holiday” (12 files, 3 MB) from Laptop?', word);
    expect(await runCommandLine(['receive', '--once', '--accept', 'ask'], host)).toBe(exit);
    expect(engine.calls.find(([name]) => name === call)?.slice(1, 3)).toEqual([TRANSFER, OFFER]);
    expect(host.stdout.text).toContain('Laptop would like to send: Holiday (12 files, 3 MB)');
  });

  it('withdraws the question when the sender gives up', async () => {
    const engine = new FakeEngine(peer());
    const host = fakeHost({ engine, terminal: true });
    host.stdout.on('written', () => {
      if (/from Laptop\? \[yes \d+\/no \d+\] $/.test(host.stdout.text)) {
        engine.transfer({ kind: 'cancelled', by: 'peer' }, { direction: 'receive' });
      }
    });
    expect(await runCommandLine(['receive', '--once'], host)).toBe('cancelled');
    expect(host.stderr.text).toContain('The other device cancelled');
    expect(engine.called).not.toContain('declineTransfer');
  });
});

describe('receive', () => {
  it('goes on after a transfer, and ends well on Ctrl-C while idle', async () => {
    const engine = new FakeEngine(peer([{}, { id: OTHER_TRANSFER }]));
    const host = fakeHost({ engine });
    host.stdout.on('written', () => {
      if (host.stdout.events.filter(({ event }) => event === 'done').length === 2)
        setImmediate(host.interrupt);
    });
    expect(await runCommandLine(['receive', '--accept', 'always', '--json'], host)).toBe('done');
  });

  it('cancels what is under way on Ctrl-C', async () => {
    const engine = new FakeEngine((call, args, fake) => {
      if (call === 'acceptTransfer') fake.transfer(RUNNING, { direction: 'receive' });
      else peer()(call, args, fake);
    });
    const host = fakeHost({ engine });
    host.stdout.on('written', () => {
      if (host.stdout.text.includes('"progress"')) host.interrupt();
    });
    expect(await runCommandLine(['receive', '--accept', 'always', '--json'], host)).toBe('cancelled');
    expect(engine.calls).toContainEqual(['cancelTransfer', TRANSFER]);
    expect(host.stdout.events.at(-1)).toMatchObject({
      event: 'error',
      code: 'cancelled',
      transfer: TRANSFER,
    });
  });

  it.each([
    [[], 'done'],
    [['--once'], 'cancelled'],
  ] as const)('leaves what is running for the next time on SIGTERM (%j)', async (flags, exit) => {
    const engine = new FakeEngine((call, args, fake) => {
      if (call === 'acceptTransfer') fake.transfer(RUNNING, { direction: 'receive' });
      else peer()(call, args, fake);
    });
    const host = fakeHost({ engine });
    host.stdout.on('written', () => {
      if (host.stdout.text.includes('"progress"')) setImmediate(host.shutDown);
    });
    expect(await runCommandLine(['receive', '--accept', 'always', '--json', ...flags], host)).toBe(exit);
    expect(engine.called).not.toContain('cancelTransfer');
  });

  it('leaves alone on Ctrl-C what waits for a better time', async () => {
    const progress = { bytes: 0, files: 0, bytesPerSecond: 0, secondsLeft: null };
    const engine = new FakeEngine((call, _args, fake) => {
      if (call === 'listen')
        fake.transfer({ kind: 'paused', by: 'peer', progress }, { direction: 'receive' });
    });
    const host = fakeHost({ engine });
    host.stdout.on('written', () => {
      if (host.stdout.text.includes('"paused"')) setImmediate(host.interrupt);
    });
    expect(await runCommandLine(['receive', '--json'], host)).toBe('done');
    expect(engine.called).not.toContain('cancelTransfer');
  });

  it('says when its answer could not be carried out', async () => {
    const engine = new FakeEngine((call, args, fake) => {
      if (call === 'acceptTransfer') throw new SealaneError('destination-unusable');
      peer()(call, args, fake);
    });
    const host = fakeHost({ engine });
    host.stdout.on('written', () => {
      if (host.stdout.text.includes('destination-unusable')) setImmediate(host.interrupt);
    });
    await runCommandLine(['receive', '--accept', 'always', '--json'], host);
    expect(host.stdout.text).toContain('"code":"destination-unusable"');
  });
});
