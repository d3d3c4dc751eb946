import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  OWNER_FILE,
  claim,
  isClaimed,
  isClaimedByAnother,
  release,
} from '../../../../src-main/engine/transfer/owner.ts';

let folder = '';
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-owner-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const program = `
  import { claim } from '${new URL('../../../../src-main/engine/transfer/owner.ts', import.meta.url).href}';
  await claim(process.argv[1]);
  process.stdout.write(String(process.pid));
  setInterval(() => 0, 1000);`;

/** A process that works on the folder; with `shell`, one that is started by that line of a shell, as `"$@"`. */
async function claimedByProcess(shell?: string): Promise<{ child: ChildProcess; pid: number }> {
  const line = [process.execPath, '--input-type=module', '-e', program, folder];
  const [command = '', ...args] = shell === undefined ? line : ['sh', '-c', shell, 'sh', ...line];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const said: unknown[] = await once(child.stdout, 'data');
  return { child, pid: Number(said[0]) };
}

describe('the mark of who works on a transfer', () => {
  it('is this process’s own until it is taken away', async () => {
    expect(await isClaimed(folder)).toBe(false);
    await claim(folder);
    expect([await isClaimed(folder), await isClaimedByAnother(folder)]).toEqual([true, false]);
    await release(folder);
    expect(await isClaimed(folder)).toBe(false);
  });

  it('is another process’s as long as that lives', async () => {
    const { child } = await claimedByProcess();
    expect(await isClaimedByAnother(folder)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await isClaimed(folder)).toBe(false);
  });

  it.runIf(process.platform === 'linux')(
    'counts for nothing once that was killed, whether or not its parent has noticed',
    async () => {
      // The shell becomes a program that never asks what has become of its child.
      const { pid } = await claimedByProcess('"$@" & exec sleep 60');
      expect(await isClaimedByAnother(folder)).toBe(true);
      process.kill(pid, 'SIGKILL');
      const state = async () => (await readFile(`/proc/${String(pid)}/stat`, 'utf8')).split(') ')[1]?.[0];
      await expect.poll(state).toBe('Z');
      expect(await isClaimed(folder)).toBe(false);
    },
  );

  it('counts for nothing when the number has come back for another process', async () => {
    await writeFile(join(folder, OWNER_FILE), JSON.stringify({ pid: process.pid, began: '1' }));
    expect(await isClaimed(folder)).toBe(false);
  });

  it.each(['', '{', '{"pid":-1,"began":null}'])('counts for nothing when it is damaged: %s', async (text) => {
    await writeFile(join(folder, OWNER_FILE), text);
    expect(await isClaimed(folder)).toBe(false);
  });
});
