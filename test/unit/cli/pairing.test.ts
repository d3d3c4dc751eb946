import { describe, expect, it } from 'vitest';
import { ERRORS, SealaneError } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { inviteIdSchema, pairingIdSchema } from '../../../shared/views.ts';
import type { PairingView } from '../../../shared/views.ts';
import { runCommandLine } from '../../../src-main/cli/program.ts';
import { FakeEngine, INVITE, LAPTOP, PAIRING, TRANSFER } from './fake-engine.ts';
import type { Script } from './fake-engine.ts';
import { answerTo, fakeHost, run } from './fake-host.ts';
import { OFFER, OFFERED } from '../../support/offered.ts';

const CODE = '123 456';
const OTHER_INVITE = inviteIdSchema.parse('B'.repeat(22));
const STRANGER = pairingIdSchema.parse('ffffffffffffffff');
const QUESTION = 'Does the other device show the code 123 456, too? [yes 123456/no 123456] ';

const failed = (code: ErrorCode): PairingView['state'] => ({
  kind: 'failed',
  error: { code, message: ERRORS[code].message },
});

function tell(
  engine: FakeEngine,
  role: PairingView['role'],
  state: PairingView['state'],
  id = PAIRING,
  invite = role === 'inviter' ? INVITE.id : null,
): void {
  const { knownAs } = engine;
  engine.emit({ type: 'pairing', pairing: { id, role, invite, peerName: 'Lap\u001btop', knownAs, state } });
}

/** The other side: shows the code as soon as both are connected, and answers what it is told. */
function otherSide(role: PairingView['role'], after?: Script): Script {
  return (call, args, engine) => {
    after?.(call, args, engine);
    if (call === 'pair' || call === 'createInvite') {
      tell(engine, role, { kind: 'connecting' });
      tell(engine, role, { kind: 'comparing', code: CODE });
    }
    if (call === 'answerPairing') {
      if (args[1] === true) {
        tell(engine, role, { kind: 'confirmed', code: CODE });
        tell(engine, role, { kind: 'paired', device: LAPTOP });
      } else tell(engine, role, failed('code-mismatch'));
    }
    if (call === 'cancelPairing') tell(engine, role, failed('pairing-cancelled'));
  };
}

/** Marks the invite as used or ended, as the store would. */
const invitesBecome = (engine: FakeEngine, state: (typeof INVITE)['state']) => {
  engine.state = { ...engine.state, invites: [{ ...INVITE, state }] };
  engine.emit({ type: 'invites', invites: [{ ...INVITE, state }] });
};
const used: Script = (call, _args, engine) => {
  if (call === 'createInvite') invitesBecome(engine, 'used');
};

const sides = [
  ['invite', ['invite'], 'inviter', used],
  ['pair', ['pair', INVITE.link], 'invitee', undefined],
] as const;

describe.each(sides)('%s', (_name, command, role, script) => {
  const engine = () => new FakeEngine(otherSide(role, script));

  it('shows the code, confirms it unasked with --yes, and ends when paired', async () => {
    const { exit, out, err } = await run([...command, '--yes', '--json'], { engine: engine() });
    expect(exit).toBe('done');
    const { id, name } = LAPTOP;
    expect(out.events.slice(-2)).toEqual([
      { event: 'code', code: CODE, knownAs: null },
      { event: 'paired', device: { id, name }, knownAs: null },
    ]);
    expect(err.text).toBe('');
  });

  it('says before and after that the device is known already', async () => {
    const known = (): FakeEngine => Object.assign(engine(), { knownAs: 'Ka\u001by' });
    const { exit, out, err } = await run([...command, '--yes'], { engine: known() });
    expect(exit).toBe('done');
    const [before = '', after = ''] = (out.text + err.text).split('Paired with');
    expect(before + err.text).toContain(
      'You know this device already, as Ka\\u{1b}y. If you say yes, nothing is added',
    );
    expect(after).toContain('It was known already, as Ka\\u{1b}y: nothing was added.');
    const { events } = (await run([...command, '--yes', '--json'], { engine: known() })).out;
    expect(events.slice(-2)).toMatchObject([
      { event: 'code', knownAs: 'Ka\u001by' },
      { event: 'paired', knownAs: 'Ka\u001by' },
    ]);
  });

  it.each([
    ['yes', 'done', true],
    ['no', 'untrusted', false],
  ] as const)('asks on a terminal; %s means %s', async (answer, exit, matches) => {
    const host = fakeHost({ terminal: true, engine: engine() });
    answerTo(host, QUESTION, `${answer} 123456\n`);
    expect(await runCommandLine([...command, '--profile', '/p'], host)).toBe(exit);
    expect(host.engine.calls).toContainEqual(['answerPairing', PAIRING, matches]);
    expect(host.stdout.text).toContain(CODE);
    expect(host.stdout.text).toContain('Lap\\u{1b}top');
  });

  it.each([[[]], [['--json']]])('takes nobody to ask for a no, and says so (%s)', async (flags) => {
    const { exit, out, err, engine: fake } = await run([...command, ...flags], { engine: engine() });
    expect(exit).toBe('untrusted');
    expect(fake.calls).toContainEqual(['answerPairing', PAIRING, false]);
    expect(out.text + err.text).toMatch(/no terminal to ask[^]*--yes/);
    expect(out.text + err.text).not.toContain(ERRORS['code-mismatch'].message);
  });

  it.each(['yes', 'yes 471', 'yes 123457', 'no', ''])(
    'takes %j, typed for anything else, for no answer',
    async (typed) => {
      const host = fakeHost({ terminal: true, engine: engine() });
      answerTo(host, QUESTION, `${typed}\n`);
      const end = runCommandLine([...command, '--profile', '/p'], host);
      await expect.poll(() => host.stdout.text.split(QUESTION).length).toBe(3);
      expect(host.engine.called).not.toContain('answerPairing');
      if (typed === 'yes 123457') expect(host.stdout.text).toContain('not the code that is shown here');
      host.stdin.write('no 123456\n');
      expect(await end).toBe('untrusted');
    },
  );

  it('withdraws its question when the other side gives up', async () => {
    const host = fakeHost({ terminal: true, engine: engine() });
    host.stdout.on('written', () => {
      if (host.stdout.text.endsWith(QUESTION)) tell(host.engine, role, failed('pairing-timeout'));
    });
    expect(await runCommandLine([...command, '--profile', '/p'], host)).toBe('failed');
    expect(host.stderr.text).toContain(ERRORS['pairing-timeout'].message);
    expect(host.engine.called).not.toContain('answerPairing');
  });

  it('cancels on Ctrl-C', async () => {
    const host = fakeHost({ terminal: true, engine: engine() });
    host.stdout.on('written', () => {
      if (host.stdout.text.endsWith(QUESTION)) host.interrupt();
    });
    expect(await runCommandLine([...command, '--profile', '/p'], host)).toBe('cancelled');
    expect(host.engine.calls).toContainEqual(['cancelPairing', PAIRING]);
    expect(host.stderr.text).toContain(ERRORS['pairing-cancelled'].message);
    expect(host.engine.closed).toBe(true);
  });
});

describe.each(sides)('%s, which listens only to pair,', (_name, command, role, script) => {
  it('accepts no files that would be cut off', async () => {
    const engine = new FakeEngine((call, args, fake) => {
      if (call === 'listen') fake.transfer(OFFERED, { direction: 'receive' });
      otherSide(role, script)(call, args, fake);
    });
    expect((await run([...command, '--yes'], { engine })).exit).toBe('done');
    expect(engine.calls[0]).toMatchObject(['create', { answers: 'everything', autoAccept: false }]);
    expect(engine.calls).toContainEqual(['declineTransfer', TRANSFER, OFFER]);
  });
});

describe('pair', () => {
  it('tells the other device where this one listens, and pairs where it cannot listen', async () => {
    const engine = new FakeEngine(
      otherSide('invitee', (call) => {
        if (call === 'listen') throw new SealaneError('listen-failed');
      }),
    );
    expect((await run(['pair', INVITE.link, '--yes'], { engine })).exit).toBe('done');
    expect(engine.called.slice(0, 3)).toEqual(['create', 'listen', 'pair']);
  });

  it('reads the link from standard input for -, without waiting for its end', async () => {
    const host = fakeHost({ engine: new FakeEngine(otherSide('invitee')) });
    host.stdin.write(`${INVITE.link}\nmore\n`);
    expect(await runCommandLine(['pair', '-', '--yes'], host)).toBe('done');
    expect(host.engine.calls).toContainEqual(['pair', INVITE.link]);
  });

  it('asks for the link, and then the question, on a terminal', async () => {
    const host = fakeHost({ terminal: true, engine: new FakeEngine(otherSide('invitee')) });
    answerTo(host, 'Paste', `${INVITE.link}\n`);
    answerTo(host, QUESTION, 'yes 123 456\n');
    expect(await runCommandLine(['pair', '-'], host)).toBe('done');
    expect(host.engine.calls).toContainEqual(['pair', INVITE.link]);
  });

  it.each([
    ['invite-expired', 'failed'],
    ['invite-wrong-server', 'untrusted'],
    ['unreachable', 'unreachable'],
  ] as const)('ends for %s with %s', async (code, exit) => {
    const engine = new FakeEngine((call, _args, fake) => {
      if (call === 'pair') tell(fake, 'invitee', failed(code));
    });
    const result = await run(['pair', INVITE.token, '--json'], { engine });
    expect(result.exit).toBe(exit);
    expect(result.out.events).toEqual([{ event: 'error', code, message: ERRORS[code].message }]);
  });
});

describe('invite', () => {
  it('listens, then gives the link', async () => {
    const engine = new FakeEngine(otherSide('inviter', used));
    const { out } = await run(['invite', '--yes', '--json', '--expires', '2h'], { engine });
    expect(engine.called.slice(0, 3)).toEqual(['create', 'listen', 'createInvite']);
    expect(engine.calls).toContainEqual(['createInvite', { lifetimeMs: 7_200_000 }]);
    const { id, link, token, expires } = INVITE;
    expect(out.events.slice(0, 2)).toMatchObject([
      { event: 'ready', port: 7400 },
      { event: 'invite', id, link, token, expires },
    ]);
  });

  it.each([
    ['revoked', 'invite-revoked'],
    ['expired', 'invite-expired'],
    ['spent', 'invite-proof-failed'],
  ] as const)('ends when it is %s', async (state, code) => {
    const engine = new FakeEngine((call, _args, fake) => {
      if (call === 'createInvite') invitesBecome(fake, state);
    });
    const { exit, out } = await run(['invite', '--json'], { engine });
    expect(exit).toBe('failed');
    expect(out.events.at(-1)).toMatchObject({ event: 'error', code });
  });

  it('ends by itself when its time is over', async () => {
    const engine = new FakeEngine();
    const host = fakeHost({ engine });
    const exit = await runCommandLine(['invite', '--json'], { ...host, now: () => INVITE.expires - 5 });
    expect(exit).toBe('failed');
    expect(host.stdout.events.at(-1)).toMatchObject({ event: 'error', code: 'invite-expired' });
  });

  it('goes on after a stranger knocked without holding it', async () => {
    const engine = new FakeEngine((call, _args, fake) => {
      if (call !== 'createInvite') return;
      tell(fake, 'inviter', { kind: 'connecting' });
      tell(fake, 'inviter', failed('invite-proof-failed'));
      setImmediate(() => {
        invitesBecome(fake, 'used');
        tell(fake, 'inviter', { kind: 'comparing', code: CODE });
        tell(fake, 'inviter', { kind: 'connecting' }, STRANGER, OTHER_INVITE);
        tell(fake, 'inviter', failed('pairing-timeout'), STRANGER, OTHER_INVITE);
        tell(fake, 'inviter', { kind: 'paired', device: LAPTOP });
      });
    });
    const { exit, out } = await run(['invite', '--yes'], { engine });
    expect(exit).toBe('done');
    expect(out.text.match(/Still waiting\./g)).toHaveLength(2);
  });

  it('confirms nobody unasked who comes by another invite, and goes on waiting', async () => {
    const engine = new FakeEngine((call, args, fake) => {
      if (call === 'createInvite') {
        tell(fake, 'inviter', { kind: 'comparing', code: CODE }, STRANGER, OTHER_INVITE);
        tell(fake, 'inviter', { kind: 'comparing', code: CODE });
      }
      if (call !== 'answerPairing') return;
      const [id, matches] = args;
      if (id === STRANGER) tell(fake, 'inviter', failed('code-mismatch'), STRANGER, OTHER_INVITE);
      else if (matches === true) tell(fake, 'inviter', { kind: 'paired', device: LAPTOP });
    });
    const { exit } = await run(['invite', '--yes'], { engine });
    expect(exit).toBe('done');
    const answers = engine.calls.filter(([call]) => call === 'answerPairing');
    expect(answers).toContainEqual(['answerPairing', PAIRING, true]);
    expect(answers).not.toContainEqual(['answerPairing', STRANGER, true]);
  });

  it('says on Ctrl-C how to withdraw what still is good', async () => {
    const engine = new FakeEngine();
    const host = fakeHost({ engine });
    host.stdout.on('written', () => {
      if (host.stdout.text.includes(INVITE.link)) host.interrupt();
    });
    expect(await runCommandLine(['invite'], host)).toBe('cancelled');
    expect(host.stdout.text).toContain(`sealane invites revoke ${INVITE.id}`);
  });
});
