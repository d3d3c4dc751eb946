import { describe, expect, it } from 'vitest';
import { SealaneError } from '../../../shared/errors.ts';
import type { TransferState, TransferView } from '../../../shared/views.ts';
import { mountPointOf } from '../../../src-main/mount-points.ts';
import { runCommandLine } from '../../../src-main/cli/program.ts';
import { FakeEngine, LAPTOP, OTHER_TRANSFER, OUTCOME, RUNNING, TRANSFER } from './fake-engine.ts';
import type { Script } from './fake-engine.ts';
import { answer, fakeHost, run } from './fake-host.ts';
import { OFFER, OFFERED } from '../../support/offered.ts';

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
      { into: '/work/in', mountPoint: mountPointOf('/work/in'), whenUnusable: 'wait' },
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
