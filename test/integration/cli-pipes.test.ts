import { spawn } from 'node:child_process';
import { mkdtemp, open, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SealaneCommand, sealane } from '../support/sealane-command.ts';
import { Terminal } from '../support/terminal.ts';

/** The real command, and a standard output that nobody reads any more or that takes nothing more. */

const program = join(import.meta.dirname, '..', '..', 'src-main', 'cli', 'main.ts');
const TIMEOUT = 120_000;
const slowly = { timeout: TIMEOUT };
/** Enough to be under way for a while; nothing of it lies on the disk of the sender. */
const LARGE_BYTES = 300 * 1024 * 1024;

let folder = '';
let receiverId = '';
const commands: SealaneCommand[] = [];
const profile = (name: string) => ['--profile', join(folder, name), '--json'];
const listening = (name: string) => ['--listen', '127.0.0.1:0', ...profile(name)];

function start(...args: readonly string[]): SealaneCommand {
  const command = new SealaneCommand(args);
  commands.push(command);
  return command;
}

/** Runs the command with its standard output, or error, going to a disk that is always full. */
async function runOnFull(stream: 'stdout' | 'stderr', args: readonly string[]) {
  const full = await open('/dev/full', 'w');
  try {
    const stdio =
      stream === 'stdout' ? (['ignore', full.fd, 'pipe'] as const) : (['ignore', 'pipe', full.fd] as const);
    const child = spawn(process.execPath, [program, ...args], { stdio: [...stdio] });
    let said = '';
    for (const each of [child.stdout, child.stderr])
      each?.setEncoding('utf8').on('data', (text: string) => (said += text));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, said };
  } finally {
    await full.close();
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-pipes-'));
  await writeFile(join(folder, 'large.bin'), '');
  await truncate(join(folder, 'large.bin'), LARGE_BYTES);
  const invite = start('invite', '--yes', ...listening('receiver'));
  const pair = start('pair', '-', '--yes', ...listening('sender'));
  pair.child.stdin.write(`${String((await invite.event('invite'))['link'])}\n`);
  expect([(await invite.ended).code, (await pair.ended).code]).toEqual([0, 0]);
  receiverId = String((await start('id', ...profile('receiver')).event('id'))['id']);
}, TIMEOUT);
afterEach(() => {
  for (const { child } of commands.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const receive = (into: string, ...more: readonly string[]) =>
  start('receive', '--into', join(folder, into), '--accept', 'always', ...more, ...profile('receiver'));
const send = (port: unknown) => [
  'send',
  receiverId,
  join(folder, 'large.bin'),
  '--to',
  `127.0.0.1:${String(port)}`,
  ...profile('sender'),
];

describe.runIf(process.platform === 'linux')('a transfer', slowly, () => {
  it('goes on when the log of its receiver has lost its reader, with the next receive', async () => {
    const first = receive('left', '--listen', '127.0.0.1:0');
    const { port } = await first.event('ready');
    const sending = start(...send(port));
    await first.event('progress', ({ bytes }) => Number(bytes) > 0);
    first.child.stdout.destroy();
    expect((await first.ended).code).toBe(1);
    await sending.event('waiting');
    receive('left', '--listen', `127.0.0.1:${String(port)}`);
    const { code, events } = await sending.ended;
    expect(code).toBe(0);
    expect(events.map(({ event }) => event)).not.toContain('error');
    expect((await stat(join(folder, 'left', 'large.bin'))).size).toBe(LARGE_BYTES);
  });

  it('is left for the next time when what its sender says cannot be written, and the sender ends with an error', async () => {
    const receiving = receive('full', '--listen', '127.0.0.1:0');
    const { port } = await receiving.event('ready');
    const { code, said } = await runOnFull('stdout', send(port));
    expect(code).toBe(6);
    expect(said).toContain('error: What there is to say cannot be written');
    const again = await sealane(send(port));
    expect(again.code).toBe(0);
    expect((await stat(join(folder, 'full', 'large.bin'))).size).toBe(LARGE_BYTES);
    expect(receiving.events.filter(({ event }) => event === 'done')).toHaveLength(1);
  });
});

describe.runIf(process.platform === 'linux')('a terminal that is closed', slowly, () => {
  it('leaves what is sent from it for the next time, whatever of its end is noticed first', async () => {
    for (let round = 0; round < 4; round += 1) {
      const receiving = receive(`closed ${String(round)}`, '--listen', '127.0.0.1:0');
      const { port } = await receiving.event('ready');
      const terminal = new Terminal(send(port).filter((word) => word !== '--json'));
      await receiving.event('progress', ({ bytes }) => Number(bytes) > 0);
      // `script` holds the other end of the terminal: it hangs up.
      terminal.child.kill('SIGKILL');
      await receiving.event('waiting');
      expect((await sealane(send(port))).code).toBe(0);
      expect((await stat(join(folder, `closed ${String(round)}`, 'large.bin'))).size).toBe(LARGE_BYTES);
      receiving.child.kill('SIGINT');
      await receiving.ended;
    }
  });
});

describe.runIf(process.platform === 'linux')('a command whose output cannot be written', slowly, () => {
  it.each([['id'], ['devices'], ['transfers'], ['--help'], ['--version']])(
    'does not end with 0, and says why: %s',
    async (...args) => {
      const { code, said } = await runOnFull('stdout', [...args, ...profile('sender')]);
      expect(code).toBe(1);
      expect(said).toMatch(/^error: What there is to say cannot be written: ENOSPC.*\n$/);
    },
  );

  it('ends as it does otherwise when it is standard error that cannot be written', async () => {
    expect((await runOnFull('stderr', ['id', ...profile('sender')])).code).toBe(0);
    expect((await runOnFull('stderr', ['sned'])).code).toBe(2);
  });
});
