import { describe, expect, it } from 'vitest';
import type { TransferId, TransferState } from '../../../shared/views.ts';
import { runCommandLine } from '../../../src-main/cli/program.ts';
import { OFFERED, digest, item, items } from '../../support/offered.ts';
import { FakeEngine, OTHER_TRANSFER, OUTCOME, TRANSFER } from './fake-engine.ts';
import { digitsOf, fakeHost } from './fake-host.ts';
import type { FakeHost } from './fake-host.ts';

/** What `receive` asks on a terminal, and what it takes for an answer. */

const DONE_HERE: TransferState = {
  kind: 'done',
  outcome: { ...OUTCOME, into: '/in', names: ['Holiday'] },
};

describe('receive on a terminal, where one offer takes the place of another,', () => {
  const letter = { direction: 'receive', items: items('letter.txt'), totalBytes: 10, totalFiles: 1 } as const;
  const program = {
    direction: 'receive',
    items: items('x.desktop'),
    totalFiles: 1,
    programCount: 1,
  } as const;
  const ABOUT_LETTER = 'Accept “letter.txt” (10 bytes) from Laptop?';
  const ABOUT_PROGRAM = 'Accept “x.desktop” (3 MB; 1 program) from Laptop?';
  const other = { kind: 'offered', offer: digest(0xb) } as const;
  const shown = (host: FakeHost, text: string) => expect.poll(() => host.stdout.text).toContain(text);

  const ways: [string, (engine: FakeEngine) => void, TransferId][] = [
    [
      'of another transfer, after the sender took the first one back',
      (engine) => {
        engine.transfer({ kind: 'cancelled', by: 'peer' }, letter);
        engine.transfer(other, { ...program, id: OTHER_TRANSFER });
      },
      OTHER_TRANSFER,
    ],
    [
      'under the same id',
      (engine) => {
        engine.transfer(other, program);
      },
      TRANSFER,
    ],
    [
      'which was waiting for its turn',
      (engine) => {
        engine.transfer(other, { ...program, id: OTHER_TRANSFER });
        engine.transfer({ kind: 'cancelled', by: 'peer' }, letter);
      },
      OTHER_TRANSFER,
    ],
  ];
  it.each(ways)(
    'takes nothing that was typed for the one as an answer to the one %s',
    async (_way, change, id) => {
      const engine = new FakeEngine((call, _args, fake) => {
        if (call === 'listen') fake.transfer(OFFERED, letter);
        if (call === 'acceptTransfer') fake.transfer(DONE_HERE, { ...program, id });
      });
      const host = fakeHost({ engine, terminal: true });
      const end = runCommandLine(['receive'], host);
      await shown(host, ABOUT_LETTER);
      const typed = `yes ${digitsOf(host.stdout.text, ABOUT_LETTER)}`;
      change(engine);
      await shown(host, ABOUT_PROGRAM);
      for (const line of [typed, 'yes', typed.replace('yes', 'no'), 'no', '']) host.stdin.write(`${line}\n`);
      await expect.poll(() => host.stdout.text.split(ABOUT_PROGRAM).length).toBe(7);
      expect(engine.called.filter((name) => /^(accept|decline)/.test(name))).toEqual([]);
      host.stdin.write(`yes ${digitsOf(host.stdout.text, ABOUT_PROGRAM)}\n`);
      await shown(host, 'Received');
      expect(engine.calls.filter(([name]) => name === 'acceptTransfer')).toEqual([
        ['acceptTransfer', id, other.offer, {}],
      ]);
      host.interrupt();
      expect(await end).toBe('done');
    },
  );

  it('names what it asks about with everything escaped, and cannot be made to name another sender', async () => {
    const name = 'a” (1 byte) from Mother? [yes 111/no 111]\u001b[2K\u202e';
    const engine = new FakeEngine((call, _args, fake) => {
      if (call === 'listen') fake.transfer(OFFERED, { ...letter, items: items(name) });
    });
    const host = fakeHost({ engine, terminal: true });
    const end = runCommandLine(['receive'], host);
    await shown(host, 'Accept');
    expect(host.stdout.text).toMatch(
      /^Accept “a" \(1 byte\) from Mother\? .*\\u\{1b\}\[2K\\u\{202e\}” \(10 bytes\) from Laptop\?/m,
    );
    host.interrupt();
    await end;
  });

  it('says how many folders there are below the top, in the offer and in the question', async () => {
    const engine = new FakeEngine((call, _args, fake) => {
      if (call !== 'listen') return;
      const offered = { items: [item('Photos', { kind: 'folder' })], itemCount: 1 };
      const amounts = { totalFiles: 1, totalFolders: 20_001, totalBytes: 5 };
      fake.transfer(OFFERED, { direction: 'receive', ...offered, ...amounts });
    });
    const host = fakeHost({ engine, terminal: true, env: { NO_COLOR: '1' } });
    const end = runCommandLine(['receive'], host);
    await shown(host, 'Accept');
    expect(host.stdout.text).toContain(
      [
        'Laptop would like to send: Photos (1 file in 20,001 folders, 5 bytes)',
        'Accept “Photos” (1 file in 20,001 folders, 5 bytes) from Laptop? [',
      ].join('\n'),
    );
    host.interrupt();
    await end;
  });

  it('marks what is hidden and what is a program, in the offer and in the question', async () => {
    const folder = item('Tools', { kind: 'folder' });
    const engine = new FakeEngine((call, _args, fake) => {
      if (call !== 'listen') return;
      const offered = [folder, item('.profile', { program: true }), item('setup.exe'), item('.notes')];
      const change = { direction: 'receive', items: offered, itemCount: 4 } as const;
      fake.transfer(OFFERED, { ...change, hiddenCount: 5, programCount: 2 });
    });
    const host = fakeHost({ engine, terminal: true, env: { NO_COLOR: '1' } });
    const end = runCommandLine(['receive'], host);
    await shown(host, 'Accept');
    expect(host.stdout.text).toContain(
      [
        'Laptop would like to send: Tools and 3 more (12 files, 3 MB)',
        '  hidden, program: .profile',
        '  program: setup.exe',
        '  hidden: .notes',
        '  Contains 5 hidden items and 2 programs.',
        'Accept “Tools” and 3 more (12 files, 3 MB; 5 hidden items and 2 programs) from Laptop? [',
      ].join('\n'),
    );
    host.interrupt();
    await end;
  });
});

describe('receive on a terminal, where the folder of a yes cannot be used,', () => {
  const letter = { direction: 'receive', items: items('letter.txt'), totalBytes: 10, totalFiles: 1 } as const;
  const problem = { code: 'destination-unusable', message: 'Nothing can be put into /x.' } as const;
  const QUESTION = 'Nothing can be put into /x.\nAccept “letter.txt” (10 bytes) from Laptop?';
  const shown = (host: FakeHost, text: string) => expect.poll(() => host.stdout.text).toContain(text);

  it('says so, asks again, and takes another folder for an answer', async () => {
    const engine = new FakeEngine((call, args, fake) => {
      if (call === 'listen') fake.transfer(OFFERED, letter);
      if (call !== 'acceptTransfer') return;
      const { into } = args.at(-1) as { into?: string };
      // What is told anew of the same offer meanwhile, as another name of its device, is no question.
      fake.transfer(OFFERED, letter);
      if (into === '/work/Other one') fake.transfer(DONE_HERE, letter);
      else fake.transfer({ ...OFFERED, problem }, letter);
    });
    const host = fakeHost({ engine, terminal: true });
    const end = runCommandLine(['receive'], host);
    await shown(host, 'Accept');
    const answer = (more: string): void => {
      const key = [...host.stdout.text.matchAll(/\[yes (\d+)/g)].at(-1)?.[1] ?? '';
      host.stdin.write(`yes ${key}${more}\n`);
    };
    answer('');
    await shown(host, QUESTION);
    expect(host.stdout.text).toMatch(/\[yes (\d+)\/yes \1 OTHER-FOLDER\/no \1\] $/);
    // The same folder once more; a folder that no shell has written out; another one.
    answer('');
    await expect.poll(() => host.stdout.text.split(QUESTION).length).toBe(3);
    answer(' ~/x');
    await expect.poll(() => host.stderr.text).toContain('The ~ was not replaced by a shell.');
    await expect.poll(() => host.stdout.text.split(QUESTION).length).toBe(4);
    answer(' Other one');
    await shown(host, 'Received');
    expect(engine.calls.filter(([name]) => name === 'acceptTransfer').map((call) => call.at(-1))).toEqual([
      {},
      {},
      { into: '/work/Other one' },
    ]);
    host.interrupt();
    expect(await end).toBe('done');
  });

  it('takes nothing more for a yes to the first question, which is about what is offered alone', async () => {
    const engine = new FakeEngine((call, _args, fake) => {
      if (call === 'listen') fake.transfer(OFFERED, letter);
    });
    const host = fakeHost({ engine, terminal: true });
    const end = runCommandLine(['receive'], host);
    await shown(host, 'Accept');
    const key = /\[yes (\d+)/.exec(host.stdout.text)?.[1] ?? '';
    host.stdin.write(`yes ${key} /etc\n`);
    await expect.poll(() => host.stdout.text.split('Accept').length).toBe(3);
    expect(engine.called).not.toContain('acceptTransfer');
    host.interrupt();
    await end;
  });
});
