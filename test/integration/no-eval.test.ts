import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { compareTrees } from '../support/compare.ts';
import { makeFolder } from '../support/made-folder.ts';
import { TwoDevices } from '../support/two-devices.ts';

/** Says so on standard error whenever code is made out of a string, in any thread. */
const preload = new URL('../support/watch-for-eval.mjs', import.meta.url);

let devices: TwoDevices | undefined;
afterEach(async () => {
  await devices?.dispose();
});

it('makes no code out of strings, in no thread, while it pairs and sends', { timeout: 120_000 }, async () => {
  const two = await TwoDevices.make({ commands: { desk: { preload }, laptop: { preload } } });
  devices = two;
  await two.pair();
  const [source, into] = [join(two.folder, 'Holiday'), join(two.folder, 'inbox')];
  await makeFolder(source, { largeBytes: 2 * 1024 * 1024, smallFiles: 20 });
  await mkdir(into);
  const receiver = await two.receive('laptop', into);
  const sent = await (await two.send('desk', [source], receiver.port)).ended;
  await receiver.command.event('done');
  expect((await compareTrees(source, join(into, 'Holiday'))).differences).toEqual([]);
  receiver.command.child.kill('SIGTERM');
  const received = await receiver.command.ended;
  expect([sent.code, received.code]).toEqual([0, 0]);
  expect(sent.stderr).toBe('');
  expect(received.stderr).toBe('');
});
