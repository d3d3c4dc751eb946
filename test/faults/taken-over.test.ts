import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { compareTrees } from '../support/compare.ts';
import { makeFolder } from '../support/made-folder.ts';
import { Proxy } from '../support/proxy.ts';
import { TwoDevices } from '../support/two-devices.ts';

let devices: TwoDevices | undefined;
let proxy: Proxy | undefined;
afterEach(async () => {
  await devices?.dispose();
  await proxy?.close();
});

it('goes on in another process of the receiving profile, which was there before the first one ended', async () => {
  devices = await TwoDevices.make();
  await devices.pair();
  const [source, into] = [join(devices.folder, 'Holiday'), join(devices.folder, 'inbox')];
  await makeFolder(source, { largeBytes: 48 * 1024 * 1024, smallFiles: 20 });
  await mkdir(into);
  const first = await devices.receive('laptop', into);
  proxy = await Proxy.open(first.port);
  const sender = await devices.send('desk', [source], proxy.port);
  const total = z.number().parse((await sender.event('offer'))['bytes']);
  await proxy.reached(total / 2);
  proxy.hold();
  const second = await devices.receive('laptop', into);
  first.command.child.kill('SIGTERM');
  await first.command.ended;
  proxy.redirect(second.port);
  proxy.release();
  expect((await sender.ended).code).toBe(0);
  await second.command.event('done');
  expect((await compareTrees(source, join(into, 'Holiday'))).differences).toEqual([]);
  expect(proxy.forwarded).toBeLessThan(total * 1.4);
}, 60_000);
