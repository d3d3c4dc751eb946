import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { noise } from '../support/tree.ts';
import { TwoDevices } from '../support/two-devices.ts';

/** A log that a program writes all the while it is sent: two devices, the real command. */

/** Another process that appends a line to `path` every few milliseconds, until the test ends. */
function appendTo(path: string): Promise<void> {
  const script = `
    const { appendFileSync } = require('node:fs');
    let n = 0;
    setInterval(() => appendFileSync(process.argv[1], 'line ' + String(n++) + '\\n'), 3);
    process.stdout.write('ready');
  `;
  const child = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return new Promise((resolve) =>
    child.stdout.once('data', () => {
      resolve();
    }),
  );
}

describe('a log that is written while it is sent', () => {
  it(
    'arrives as it was when it was offered, and both sides say that it grew',
    { timeout: 60_000 },
    async () => {
      const devices = await TwoDevices.make();
      onTestFinished(() => devices.dispose());
      await devices.pair();
      const into = join(devices.folder, 'in');
      const log = join(devices.folder, 'app.log');
      writeFileSync(log, noise(8_000_000));
      await appendTo(log);
      const { command, port } = await devices.receive('desk', into);
      const sender = await devices.send('laptop', [log], port);
      const { code, events } = await sender.ended;
      expect(events.at(-1)).toMatchObject({ event: 'done', files: 1, grown: ['app.log'], grownCount: 1 });
      expect(code).toBe(0);
      const done = await command.event('done');
      expect(done).toMatchObject({ files: 1, grown: ['app.log'], grownCount: 1 });
      const arrived = readFileSync(join(into, 'app.log'));
      expect(arrived.length).toBeGreaterThanOrEqual(8_000_000);
      expect(readFileSync(log).subarray(0, arrived.length).equals(arrived)).toBe(true);
    },
  );
});
