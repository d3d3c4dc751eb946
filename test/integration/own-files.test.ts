import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { listTree } from '../support/tree.ts';
import { TwoDevices } from '../support/two-devices.ts';

/** What cannot be sent, and is said by name: two devices, the real command. */

describe('what cannot be sent', () => {
  let devices: TwoDevices;
  beforeAll(async () => {
    devices = await TwoDevices.make();
    await devices.pair();
    return () => devices.dispose();
  });

  it(
    'is this device’s own profile in a folder that is sent, by the word of both',
    { timeout: 60_000 },
    async () => {
      const home = devices.folder;
      const into = join(home, 'outside');
      const source = join(home, 'laptop-home');
      mkdirSync(source);
      writeFileSync(join(source, 'a.txt'), 'a');
      execFileSync('ln', ['-s', '../laptop', join(source, 'settings')]);
      const { command, port } = await devices.receive('desk', into);
      // The profile is chosen as well, which makes the link one to something that is sent.
      const sender = await devices.send('laptop', [source, devices.profile('laptop')], port);
      const { events } = await sender.ended;
      const skipped = [
        { path: 'laptop', reason: 'own-files' },
        { path: 'laptop-home/settings', reason: 'own-files' },
      ];
      const last = events.at(-1);
      expect(last).toMatchObject({ event: 'incomplete', skippedCount: 2 });
      expect(last?.['skipped']).toEqual(expect.arrayContaining(skipped));
      const received = await command.event('incomplete');
      expect(received['skipped']).toEqual(expect.arrayContaining(skipped));
      expect(Object.keys(await listTree(into)).join()).not.toContain('identity');
      expect(readFileSync(join(into, 'laptop-home/a.txt'), 'utf8')).toBe('a');
      await devices.stop();
    },
  );

  it('is named with its reason when nothing else was chosen', { timeout: 60_000 }, async () => {
    const pipe = join(devices.folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const { events, code } = await (
      await devices.send('laptop', [pipe, '/dev/null', devices.profile('laptop')], 1)
    ).ended;
    expect(events.at(-1)).toMatchObject({
      event: 'error',
      code: 'nothing-to-send',
      skipped: [
        { path: 'pipe', reason: 'special-file' },
        { path: 'null', reason: 'special-file' },
        { path: 'laptop', reason: 'own-files' },
      ],
      skippedCount: 3,
    });
    expect(code).toBe(2);
  });

  it('is named when it is not there, with what becomes of the others', { timeout: 60_000 }, async () => {
    const there = join(devices.folder, 'there.txt');
    writeFileSync(there, 'here');
    const { events, code } = await (await devices.send('laptop', [there, '/no/such/file'], 1)).ended;
    expect(events.at(-1)).toMatchObject({
      event: 'error',
      code: 'source-missing',
      message: '“/no/such/file” does not exist. Nothing was sent, of the others neither.',
    });
    expect(code).toBe(2);
  });
});
