import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Device } from '../second-implementation/device.mjs';
import { SealaneCommand, sealane } from '../support/sealane-command.ts';

/**
 * The command `sealane` with an implementation of the protocol that shares no line and no library with it, and was written from
 * docs/protocol.md: what the two do together, the document says.
 */

let folder = '';
let second: Device;
const running: SealaneCommand[] = [];

const profile = (name: string) => ['--listen', '127.0.0.1:0', '--profile', join(folder, name), '--json'];

function start(...args: readonly string[]): SealaneCommand {
  const command = new SealaneCommand(args);
  running.push(command);
  return command;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-second-'));
  second = await Device.open('Second');
});
afterEach(() => {
  for (const { child } of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});
afterAll(async () => {
  second.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the second implementation and the command', { timeout: 60_000 }, () => {
  it('pair when the command has made the invite, and both show the same six digits', async () => {
    const command = start('invite', '--yes', ...profile('pairs'));
    const { link } = await command.event('invite');
    const paired = await second.pair(String(link), () => true);
    const { code, events } = await command.ended;
    expect(code).toBe(0);
    expect(events.find(({ event }) => event === 'code')).toMatchObject({ code: paired.code });
    expect(events.find(({ event }) => event === 'paired')).toMatchObject({
      device: { id: second.identity.id, name: 'Second' },
    });
    expect(second.trusted).toContain(events.find(({ event }) => event === 'ready')?.['id']);
  });

  it('pair when the second implementation has made the invite', async () => {
    const { link, paired } = second.invite(() => true);
    const { code, events } = await sealane(['pair', '-', '--yes', ...profile('pairs')], link);
    expect(code).toBe(0);
    expect(events.find(({ event }) => event === 'code')).toMatchObject({ code: (await paired).code });
  });

  it('do not pair when one of the two sees other digits', async () => {
    const command = start('invite', '--yes', ...profile('refuses'));
    const { link } = await command.event('invite');
    await expect(second.pair(String(link), () => false)).rejects.toMatchObject({ code: 'code-mismatch' });
    const { code, events } = await command.ended;
    expect(code).toBe(5);
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'code-mismatch' });

    // Without --yes there is nobody to ask, which is a no.
    const mine = second.invite(() => true);
    const other = await sealane(['pair', '-', ...profile('refuses')], mine.link);
    expect(other.code).toBe(5);
    await expect(mine.paired).rejects.toMatchObject({ code: 'code-mismatch', by: 'peer' });
    expect((await sealane(['devices', ...profile('refuses')])).events).toEqual([]);
  });
});
