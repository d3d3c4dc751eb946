import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { compareTrees } from '../support/compare.ts';
import { Proxy } from '../support/proxy.ts';
import { noise } from '../support/tree.ts';
import { TwoDevices } from '../support/two-devices.ts';

const MIB = 1024 * 1024;

let devices: TwoDevices | undefined;
let line: Proxy | undefined;
afterEach(async () => {
  await devices?.dispose();
  await line?.close();
});

it(
  'what changed while the sender was away is sent anew, is said, and nothing of what it was is kept',
  { timeout: 120_000 },
  async () => {
    const two = await TwoDevices.make();
    devices = two;
    await two.pair();
    const [source, into] = [join(two.folder, 'Work'), join(two.folder, 'inbox')];
    await mkdir(source);
    await mkdir(into);
    await writeFile(join(source, 'a, whole by then.txt'), noise(MIB));
    await writeFile(join(source, 'b, half across.bin'), noise(32 * MIB, 2));
    await writeFile(join(source, 'c, as it was.bin'), noise(MIB, 3));
    const receiver = await two.receive('laptop', into);
    const proxy = await Proxy.open(receiver.port);
    line = proxy;
    const sender = await two.send('desk', [source], proxy.port);
    const offered = z.number().parse((await sender.event('offer'))['bytes']);
    await Promise.race([proxy.reached(offered / 2), sender.ended]);
    proxy.hold();
    await two.kill(sender);
    // One is longer and another one, the other as long as it was, and another one. What has only grown is told apart (growing.test.ts).
    await writeFile(join(source, 'a, whole by then.txt'), noise(MIB + 8, 5));
    await writeFile(join(source, 'b, half across.bin'), noise(32 * MIB, 4));
    proxy.release();

    const { code, events } = await (await two.send('desk', [source], proxy.port)).ended;
    expect(code).toBe(0);
    const done = events.at(-1);
    expect(done).toMatchObject({ event: 'done', resentCount: 2 });
    expect(z.array(z.string()).parse(done?.['resent']).toSorted()).toEqual([
      'Work/a, whole by then.txt',
      'Work/b, half across.bin',
    ]);
    expect(await receiver.command.event('done')).toMatchObject({ files: 3 });
    expect(await readdir(into)).toEqual(['Work']);
    expect((await compareTrees(source, join(into, 'Work'))).differences).toEqual([]);
  },
);
