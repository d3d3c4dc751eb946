import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SealaneCommand, sealane } from '../support/sealane-command.ts';

/** `invite` and `pair` as processes of their own: what an invite may be pasted with, and what they say of a device that is known. */

let folder = '';
const running: SealaneCommand[] = [];

const listening = (name: string) => ['--listen', '127.0.0.1:0', '--profile', join(folder, name), '--json'];

function start(...args: readonly string[]): SealaneCommand {
  const command = new SealaneCommand(args);
  running.push(command);
  return command;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-cli-pairing-'));
});
afterEach(() => {
  for (const { child } of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('sealane invite and pair', { timeout: 120_000 }, () => {
  it('take the invite out of a mail that somebody has quoted', async () => {
    const invite = start('invite', '--yes', ...listening('desk'));
    const { link } = await invite.event('invite');
    const quoted = z
      .string()
      .parse(link)
      .replace(/(.{60})/gu, '$1\r\n> ');
    const mail = `On Sunday Kay wrote:\r\n> Hello,\r\n>\r\n> ${quoted}\r\n>\r\n> Kay\r\n`;
    const other = await sealane(['pair', '-', '--yes', ...listening('quoted')], mail);
    expect(other.code).toBe(0);
    expect((await invite.ended).code).toBe(0);
  });

  it('say on both sides that they are paired already', async () => {
    for (const knows of [false, true]) {
      const invite = start('invite', '--yes', ...listening('one'));
      const { link } = await invite.event('invite');
      const other = await sealane(['pair', '-', '--yes', ...listening('other')], String(link));
      for (const { code, events } of [await invite.ended, other]) {
        expect(code).toBe(0);
        const told = events.filter(({ event }) => event === 'code' || event === 'paired');
        expect(told.map(({ knownAs }) => typeof knownAs === 'string')).toEqual([knows, knows]);
      }
    }
  });
});
