import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compareTrees } from '../support/compare.ts';
import { makeFolder } from '../support/made-folder.ts';
import { Proxy } from '../support/proxy.ts';
import type { SealaneCommand } from '../support/sealane-command.ts';
import { TwoDevices } from '../support/two-devices.ts';
import type { Listening } from '../support/two-devices.ts';

let devices: TwoDevices | undefined;
let proxy: Proxy | undefined;
afterEach(async () => {
  await devices?.dispose();
  await proxy?.close();
});

interface Scene {
  readonly two: TwoDevices;
  readonly line: Proxy;
  readonly into: string;
  readonly receiver: Listening;
  readonly sender: SealaneCommand;
  /** Sends the same once more. */
  readonly sendAgain: () => Promise<SealaneCommand>;
  /** Resolves once everything is there, and little of it has crossed twice. */
  readonly arrived: (sender: SealaneCommand, receiver: Listening) => Promise<void>;
}

/** A transfer of which half is across, and which stands still until `line.release()`. */
async function halfWay(): Promise<Scene> {
  const two = await TwoDevices.make();
  devices = two;
  await two.pair();
  const [source, into] = [join(two.folder, 'Holiday'), join(two.folder, 'inbox')];
  await makeFolder(source, { largeBytes: 48 * 1024 * 1024, smallFiles: 20 });
  await mkdir(into);
  const receiver = await two.receive('laptop', into);
  const line = await Proxy.open(receiver.port);
  proxy = line;
  const sendAgain = () => two.send('desk', [source], line.port);
  const sender = await sendAgain();
  const total = z.number().parse((await sender.event('offer'))['bytes']);
  await Promise.race([line.reached(total / 2), sender.ended]);
  line.hold();
  const arrived = async (last: SealaneCommand, listening: Listening) => {
    expect((await last.ended).code).toBe(0);
    await listening.command.event('done');
    expect((await compareTrees(source, join(into, 'Holiday'))).differences).toEqual([]);
    expect(line.forwarded).toBeLessThan(total * 1.4);
  };
  return { two, line, into, receiver, sender, sendAgain, arrived };
}

describe('a transfer goes on', { timeout: 120_000 }, () => {
  it('in another process of the receiving profile, which was there before the first one ended', async () => {
    const { two, line, into, receiver, sender, arrived } = await halfWay();
    const second = await two.receive('laptop', into);
    receiver.command.child.kill('SIGTERM');
    await receiver.command.ended;
    line.redirect(second.port);
    line.release();
    await arrived(sender, second);
  });

  it('when the receiver comes back elsewhere, also if the sender that was there at first is not any more', async () => {
    const { two, line, into, receiver, sender, sendAgain, arrived } = await halfWay();
    await two.kill(sender);
    line.release();
    const second = await sendAgain();
    await second.event('progress');
    line.hold();
    await two.kill(receiver.command);
    line.refuse();
    await second.event('waiting');
    const moved = await two.receive('laptop', into);
    await arrived(second, moved);
  });
});
