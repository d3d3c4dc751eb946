import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../../src-main/cli/program.ts';
import { FakeEngine, SELF } from './fake-engine.ts';
import { fakeHost, run } from './fake-host.ts';

const COMMANDS = [
  'id',
  'invite',
  'invites',
  'invites revoke',
  'pair',
  'devices',
  'devices forget',
  'devices set',
  'receive',
  'send',
  'transfers',
  'transfers cancel',
  'transfers remove',
  'transfers expire',
];

describe('help', () => {
  it.each(['', ...COMMANDS])(
    'of "%s" has an example and the options that are everywhere',
    async (command) => {
      const { exit, out, err, engine } = await run([...command.split(' ').filter(Boolean), '--help']);
      expect(exit).toBe('done');
      expect(err.text).toBe('');
      expect(out.text).toMatch(new RegExp(`Examples?:\\n {2}\\$ sealane ${command}`));
      for (const option of ['--profile <DIR>', '--listen <HOST:PORT>', '--json'])
        expect(out.text).toContain(option);
      expect(engine.calls).toEqual([]);
    },
  );

  it.each([['--version'], ['send', '--version'], ['--json', '--version']])(
    'of the version is one line: %s %s',
    async (...args) => {
      const { exit, out, err, engine } = await run(args);
      expect([exit, err.text, engine.calls]).toEqual(['done', '', []]);
      expect(out.text).toMatch(/^\d+\.\d+\.\d+\n$/);
    },
  );

  it('is what one gets for saying nothing, as an error', async () => {
    const host = fakeHost();
    expect(await runCommandLine([], host)).toBe('usage');
    expect(host.stderr.text).toContain('Usage: sealane');
  });
});

const mistakes = [
  ['sned'],
  ['id', 'x'],
  ['id', '--nonsense'],
  ['id', '--name'],
  ['id', '--name', ' '],
  ['id', '--name', 'x'.repeat(65)],
  ['invite', '--expires', '10'],
  ['invite', '--expires', '8d'],
  ['invite', '--expires'],
  ['invites', 'revoke'],
  ['invites', 'x'],
  ['pair'],
  ['pair', 'a', 'b'],
  ['devices', 'set'],
  ['devices', 'set', 'Laptop'],
  ['devices', 'set', 'Laptop', '--accept', 'never'],
  ['devices', 'set', 'Laptop', '--into', ''],
  ['devices', 'set', 'Laptop', '--name', ' '],
  ['devices', 'set', 'Laptop', '--name', 'x'.repeat(65)],
  ['receive', '--accept', 'sometimes'],
  ['receive', '--into', ''],
  ['send'],
  ['send', 'Laptop'],
  ['send', 'Laptop', '.', '--to', 'host'],
  ['send', 'Laptop', '.', '--to', 'host:0'],
  ['send', 'Laptop', ''],
  ['send', 'Laptop', '/does/not/exist'],
  ['id', '--listen', '::1:80'],
  ['id', '--listen', 'host'],
  ['id', '--profile', ''],
].map((args) => ({ args }));

describe('a mistake', () => {
  it.each(mistakes)('in %j ends with the code for usage, and a sentence', async ({ args }) => {
    const { exit, out, err, engine } = await run(args);
    expect(exit).toBe('usage');
    expect(out.text).toBe('');
    expect(err.text).toMatch(/^error: ./);
    expect(engine.calls).toEqual([]);
  });

  it.each(mistakes)('in %j is one event with --json, and nothing else', async ({ args }) => {
    const { exit, out, err } = await run(['--json', ...args]);
    expect(exit).toBe('usage');
    expect(err.text).toBe('');
    expect(out.events).toHaveLength(1);
    expect(out.events[0]).toMatchObject({ event: 'error' });
    expect(Object.keys(out.events[0] ?? {})).toEqual(['event', 'code', 'message']);
  });

  it.each([
    ['send', 'Laptop', '--\u001b]0;title\u0007'],
    ['send', 'Laptop', '.', '--to', '\u001b[2J'],
    ['\u009bsned'],
    ['devices', 'set', 'Laptop', '--accept', '\u202ealways'],
  ])('in %j repeats nothing that a terminal acts upon', async (...args) => {
    const { exit, err } = await run(args);
    expect(exit).toBe('usage');
    expect(err.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(err.text).toMatch(/\\u\{[0-9a-f]+\}/);
  });

  it('names the path that is not there, harmlessly', async () => {
    const { err } = await run(['send', 'Laptop', '/no\u001b[2J']);
    expect(err.text).toContain('“/no\\u{1b}[2J”');
  });
});

describe('the options that are everywhere', () => {
  const given = ['--listen', '[::1]:7400', '--json', '--profile', 'here'];
  it.each([
    ['before the command', [...given, 'id']],
    ['after it', ['id', ...given]],
    ['around it', ['--json', 'id', '--profile=here', '--listen=[::1]:7400']],
    ['after one of a group', ['invites', ...given]],
  ])('count %s', async (_name, args) => {
    const host = fakeHost({ cwd: '/work' });
    expect(await runCommandLine(args, host)).toBe('done');
    expect(host.engine.calls).toEqual([
      ['create', { profile: '/work/here', listen: { host: '::1', port: 7400 }, answers: 'own-transfers' }],
    ]);
    for (const event of host.stdout.events) expect(event.event).toBe('id');
  });

  it('default to the configuration folder of the system and any address', async () => {
    const host = fakeHost();
    await runCommandLine(['id'], host);
    const [call] = host.engine.calls;
    expect(call).toEqual([
      'create',
      { profile: expect.stringContaining('sealane') as unknown, answers: 'own-transfers' },
    ]);
    expect(JSON.stringify(call)).toContain(JSON.stringify(homedir()).slice(1, -1));
  });
});

describe('id --name', () => {
  it('names this device, and shows it so', async () => {
    const { exit, out, engine } = await run(['id', '--name', ' Living room ', '--json']);
    expect(exit).toBe('done');
    expect(engine.calls).toContainEqual(['renameSelf', 'Living room']);
    expect(out.events).toEqual([{ event: 'id', ...SELF, name: 'Living room' }]);
  });
});

describe('a command', () => {
  it('closes the engine when it is done', async () => {
    const { exit, out, engine } = await run(['id', '--json']);
    expect(exit).toBe('done');
    expect(out.events).toEqual([{ event: 'id', ...SELF }]);
    expect(engine.closed).toBe(true);
  });

  it('closes it after an error too, and says the error', async () => {
    const { exit, err, engine } = await run(['devices', 'forget', 'Nobody']);
    expect(exit).toBe('untrusted');
    expect(err.text).toContain('No paired device');
    expect(engine.closed).toBe(true);
  });

  it('tells what it did not expect as internal, with its words', async () => {
    const engine = new FakeEngine((call) => {
      if (call === 'forgetDevice') throw new TypeError('disk on fire');
    });
    const { exit, out } = await run(['devices', 'forget', 'Laptop', '--json'], { engine });
    expect(exit).toBe('failed');
    expect(out.events).toMatchObject([{ event: 'error', code: 'internal' }]);
    expect(out.text).toContain('disk on fire');
  });

  it('tells what is unusual, and how the key is kept where that is asked for', async () => {
    const engine = new FakeEngine();
    engine.state = { ...engine.state, notices: [{ kind: 'key-in-file' }, { kind: 'port-changed', port: 1 }] };
    expect((await run(['id'], { engine })).out.text).toMatch(/port 1\.[^]*only your user account/);
    expect((await run(['devices'], { engine })).out.text).not.toContain('only your user account');
    const { out } = await run(['id', '--json'], { engine });
    expect(out.events).toMatchObject([{ event: 'notice', kind: 'port-changed' }, { event: 'id' }]);
    expect(out.events[0]?.['message']).toContain('port 1.');
  });
});
