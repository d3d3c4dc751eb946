import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SealaneCommand } from '../support/sealane-command.ts';
import { Terminal } from '../support/terminal.ts';
import { namesIn } from '../support/tree.ts';

/** The real command on a real terminal, and people who type while what they are asked about changes. */

const TIMEOUT = 120_000;
const slowly = { timeout: TIMEOUT };

let folder = '';
const running: (SealaneCommand | Terminal)[] = [];

const profile = (name: string) => ['--profile', join(folder, name)];
const listening = (name: string) => ['--listen', '127.0.0.1:0', ...profile(name)];

function command(...args: readonly string[]): SealaneCommand {
  const started = new SealaneCommand([...args, '--json']);
  running.push(started);
  return started;
}

function terminal(...args: readonly string[]): Terminal {
  const opened = new Terminal(args);
  running.push(opened);
  return opened;
}

/**
 * The last line of an expression of what a question with these words looks like; the digits are its first
 * group.
 */
const question = (words: string): RegExp => new RegExp(String.raw`${words} \[yes (\d+)/no \1\] $`);

/** Lets whatever may come of an answer come; nothing is measured by it. */
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 1_500));

afterEach(() => {
  for (const { child } of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

describe.runIf(process.platform === 'linux')('on a terminal', () => {
  let receiverId = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealane-terminal-'));
    for (const name of ['letter.txt', 'x.desktop']) await writeFile(join(folder, name), 'ten bytes.');
    const invite = command('invite', '--yes', ...listening('receiver'));
    const pair = command('pair', '-', '--yes', ...listening('sender'));
    pair.child.stdin.write(`${String((await invite.event('invite'))['link'])}\n`);
    expect([(await invite.ended).code, (await pair.ended).code]).toEqual([0, 0]);
    receiverId = String((await command('id', ...profile('receiver')).event('id'))['id']);
  }, TIMEOUT);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Offers a file; resolves with the command once the receiver has been asked. */
  async function offer(name: string, to: string): Promise<SealaneCommand> {
    const send = command('send', receiverId, join(folder, name), '--to', to, ...profile('sender'));
    await send.event('offer');
    return send;
  }

  /**
   * Opens a receiver that asks about a letter, lets `typed` be typed, and the letter make way for a program.
   */
  async function changeAfter(into: string, typed: (digits: string) => string) {
    const receiver = terminal(
      'receive',
      '--accept',
      'ask',
      '--into',
      join(folder, into),
      ...listening('receiver'),
    );
    const [, port] = await receiver.see(/Listening on port (\d+)/);
    const to = `127.0.0.1:${port ?? ''}`;
    const letter = await offer('letter.txt', to);
    const [, digits = ''] = await receiver.see(
      question(String.raw`Accept “letter\.txt” \(10 bytes\) from .+\?`),
    );
    receiver.type(typed(digits));
    await receiver.see(new RegExp(`${typed(digits)}$`));
    letter.child.kill('SIGINT');
    await letter.ended;
    const program = await offer('x.desktop', to);
    const words = String.raw`Accept “x\.desktop” \(10 bytes; 1 program\) from .+\?`;
    const [, newDigits = ''] = await receiver.see(question(words));
    return { receiver, program, digits, newDigits, words };
  }

  it.each([
    ['ye', () => 'ye', () => 's\r'],
    [
      'part of the digits',
      (digits: string) => `yes ${digits.slice(0, 1)}`,
      (digits: string) => `${digits.slice(1)}\r`,
    ],
    ['everything but Enter', (digits: string) => `yes ${digits}`, () => '\r'],
    ['a no but for Enter', (digits: string) => `no ${digits}`, () => '\r'],
  ])(
    'half an answer to an offer that was taken back answers not the one in its place: %s',
    slowly,
    async (name, typed, rest) => {
      const into = `into after ${name}`;
      const { receiver, program, digits, words } = await changeAfter(into, typed);
      const before = receiver.shown.length;
      receiver.type(rest(digits));
      // Asked again, with the digits that it had: a person can still answer.
      const [, again = ''] = await receiver.see(question(words), before);
      await aWhile();
      expect(program.events.map(({ event }) => event)).toEqual(['offer']);
      expect(await namesIn(join(folder, into)).catch(() => [])).toEqual([]);
      receiver.type(`yes ${again}\r`);
      expect((await program.ended).code).toBe(0);
      expect(await namesIn(join(folder, into))).toEqual(['x.desktop']);
      // Ctrl-C still reaches the command.
      receiver.type('\u0003');
      expect(await receiver.ended).toBe(0);
    },
  );

  it('what was typed before a code was there does not confirm it', slowly, async () => {
    const invite = command('invite', '--yes', ...listening('inviter'));
    const pair = terminal('pair', '-', ...listening('invitee'));
    await pair.see(/press Enter:/);
    pair.type(`${String((await invite.event('invite'))['link'])}\r`);
    pair.type('yes\ryes 123456\r');
    const code = String((await invite.event('code'))['code']);
    const words = String.raw`Does the other device show the code ${code}, too\?`;
    await pair.see(question(words));
    await aWhile();
    expect(pair.shown).not.toContain('Paired');
    expect(pair.shown).not.toContain('Waiting for the other device to confirm');
    pair.type(`yes ${code}\r`);
    await pair.see(/Paired with/);
    expect([await pair.ended, (await invite.ended).code]).toEqual([0, 0]);
  });
});
