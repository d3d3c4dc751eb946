import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TwoDevices } from '../support/two-devices.ts';
import type { Listening } from '../support/two-devices.ts';
import { namesIn } from '../support/tree.ts';

/** Transfers that were cut off, and what becomes of them: the real command, and real signals. */

const MEBI = 1024 * 1024;

let devices: TwoDevices;
let inbox: string;
beforeEach(async () => {
  devices = await TwoDevices.make();
  await devices.pair();
  inbox = join(devices.folder, 'inbox');
  await mkdir(inbox);
});
afterEach(() => devices.dispose());

/** A file of so many bytes, most of which are holes. */
async function bigFile(name: string, bytes: number): Promise<string> {
  const path = join(devices.folder, name);
  await writeFile(path, name);
  await truncate(path, bytes);
  return path;
}

/** Sends a big file from the laptop, and ends the command by SIGTERM once content flows. */
async function cutOff({ port }: Listening, name: string): Promise<void> {
  const send = await devices.send('laptop', [await bigFile(name, 600 * MEBI)], port);
  await send.event('progress');
  send.child.kill('SIGTERM');
  expect((await send.ended).code).toBe(6);
}

describe('transfers that were cut off', { timeout: 120_000 }, () => {
  it('do not keep a device from sending, however many there are', async () => {
    const receive = await devices.receive('desk', inbox);
    for (let nth = 1; nth <= 9; nth += 1) await cutOff(receive, `cut-${String(nth)}`);
    const letter = join(devices.folder, 'letter');
    await writeFile(letter, 'dear desk');
    const send = await devices.send('laptop', [letter], receive.port);
    const { code, events } = await send.ended;
    expect(events.filter(({ event }) => event === 'waiting')).toEqual([]);
    expect(code).toBe(0);
    expect(await namesIn(inbox)).toContain('letter');
  });
});
