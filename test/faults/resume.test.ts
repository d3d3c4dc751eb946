import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DEAD_AFTER_MS } from '../../shared/limits.ts';
import { compareTrees } from '../support/compare.ts';
import { makeFolder } from '../support/made-folder.ts';
import { Proxy } from '../support/proxy.ts';
import { SealaneCommand, sealane } from '../support/sealane-command.ts';
import { namesIn } from '../support/tree.ts';

/**
 * Transfers that something happens to, with the real command on real sockets and files. Every case: what had arrived does not cross
 * the line again (the proxy counts), everything arrives whole, and nobody has to ask for it.
 */

const TIMEOUT = 300_000;

/** What may cross twice, of the total. */
const TWICE = 0.02;

/** How soon a transfer goes on once the other side, or the line to it, is back. */
const GOES_ON_WITHIN_MS = 10_000;

/** What TLS records, seals, entries and control messages add, of the total. */
const OVERHEAD = 0.005;

interface Load {
  readonly name: string;
  readonly largeBytes: number;
  readonly smallFiles: number;
}

const loads: readonly Load[] = [
  { name: '1 GiB', largeBytes: 1024 ** 3, smallFiles: 10 },
  { name: '20,000 files', largeBytes: 1000, smallFiles: 20_000 },
];

let folder = '';
const running: SealaneCommand[] = [];
const proxies: Proxy[] = [];

const profile = (name: string) => ['--profile', join(folder, name), '--json'];

function start(...args: readonly string[]): SealaneCommand {
  const command = new SealaneCommand(args);
  running.push(command);
  return command;
}

async function kill(command: SealaneCommand): Promise<void> {
  command.child.kill('SIGKILL');
  await command.ended;
}

async function pair(inviter: string, invitee: string): Promise<void> {
  const invite = start('invite', '--yes', '--listen', '127.0.0.1:0', ...profile(inviter));
  const { link } = await invite.event('invite');
  const other = await sealane(['pair', '-', '--yes', ...profile(invitee)], `${z.string().parse(link)}\n`);
  expect(other.code).toBe(0);
  expect((await invite.ended).code).toBe(0);
}

async function idOf(name: string): Promise<string> {
  const { events } = await sealane(['id', ...profile(name)]);
  return z.string().parse(events[0]?.['id']);
}

async function receive(
  name: string,
  into: string,
): Promise<{ readonly command: SealaneCommand; readonly port: number }> {
  const args = ['--into', into, '--accept', 'always', '--listen', '127.0.0.1:0', ...profile(name)];
  const command = start('receive', ...args);
  const { port } = await command.event('ready');
  return { command, port: z.number().parse(port) };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-faults-'));
  await pair('desk', 'laptop');
  for (const { name, largeBytes, smallFiles } of loads) {
    await makeFolder(join(folder, name), { largeBytes, smallFiles });
  }
}, TIMEOUT);
afterEach(async () => {
  await Promise.all(running.splice(0).map((command) => kill(command)));
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  await rm(join(folder, 'received'), { recursive: true, force: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Scene {
  readonly source: string;
  readonly total: number;
  readonly into: string;
  readonly proxy: Proxy;
  readonly receiver: { command: SealaneCommand; port: number };
  sender: SealaneCommand;
  /** Starts the same `send` once more. */
  readonly sendAgain: () => SealaneCommand;
  /** Starts the receiver once more, as it was. */
  readonly receiveAgain: () => Promise<void>;
}

/** Resolves once content flows, or flows again: `sender` says so after it has said that it waits, or is a new one. */
async function goesOn(sender: SealaneCommand, isNew: boolean): Promise<void> {
  for (;;) {
    const events = sender.events.map(({ event }) => event);
    const waited = events.lastIndexOf('waiting');
    const moved = Math.max(events.lastIndexOf('progress'), events.lastIndexOf('done'));
    if ((isNew || waited !== -1) && moved > waited) return;
    if (sender.child.exitCode !== null) throw new Error(`the sender has ended: ${events.join()}`);
    await pause(20);
  }
}

/**
 * A transfer that is half across when `happen` is called, which resolves when everybody is back; asserts that it goes on soon and
 * ends well, and how much crossed twice.
 */
async function survive(
  load: Load,
  [from, to]: readonly [string, string],
  happen: (scene: Scene) => Promise<void>,
): Promise<Scene> {
  const source = join(folder, load.name);
  const into = join(folder, 'received');
  await mkdir(into, { recursive: true });
  const receiver = await receive(to, into);
  const proxy = await Proxy.open(receiver.port);
  proxies.push(proxy);
  const device = await idOf(to);
  const sendAgain = () =>
    start('send', device, source, '--to', `127.0.0.1:${String(proxy.port)}`, ...profile(from));
  const sender = sendAgain();
  const { bytes } = await sender.event('offer');
  const total = z.number().parse(bytes);
  const scene: Scene = {
    source,
    total,
    into,
    proxy,
    receiver,
    sender,
    sendAgain,
    receiveAgain: async () => {
      Object.assign(receiver, await receive(to, into));
      proxy.redirect(receiver.port);
    },
  };
  await proxy.reached(total / 2);
  await happen(scene);
  const back = performance.now();
  await goesOn(scene.sender, scene.sender !== sender);
  const waited = performance.now() - back;
  const { code, events } = await scene.sender.ended;
  expect({ code, last: events.at(-1)?.event }).toEqual({ code: 0, last: 'done' });
  await receiver.command.event('done');
  const { differences, bytes: compared } = await compareTrees(source, join(into, load.name));
  expect(differences).toEqual([]);
  expect(compared).toBe(total);
  expect(await namesIn(into)).not.toContainEqual(expect.stringMatching(/^\.sealane-/));
  const twice = proxy.forwarded - total * (1 + OVERHEAD);
  expect(twice, 'bytes that crossed twice').toBeLessThanOrEqual(total * TWICE);
  expect(waited, 'milliseconds until it went on').toBeLessThan(GOES_ON_WITHIN_MS);
  return scene;
}

const directions = [
  ['the inviter sends', ['desk', 'laptop']],
  ['the invitee sends', ['laptop', 'desk']],
] as const;

describe.each(loads)('$name', { timeout: TIMEOUT }, (load) => {
  describe.each(directions)('%s', (_direction, ends) => {
    it('the line is cut', () =>
      survive(load, ends, async ({ proxy }) => {
        proxy.cut();
        await Promise.resolve();
      }));

    it('the line is reset, and stays away for a while', () =>
      survive(load, ends, async ({ proxy }) => {
        proxy.refuse();
        await pause(3000);
        proxy.pass();
      }));

    it('the receiver is killed', () =>
      survive(load, ends, async ({ receiver, receiveAgain }) => {
        await kill(receiver.command);
        await receiveAgain();
      }));

    it('the sender is killed, and sent once more', () =>
      survive(load, ends, async (scene) => {
        await kill(scene.sender);
        scene.sender = scene.sendAgain();
      }));

    it('both are killed', () =>
      survive(load, ends, async (scene) => {
        await Promise.all([kill(scene.sender), kill(scene.receiver.command)]);
        await scene.receiveAgain();
        scene.sender = scene.sendAgain();
      }));

    it('the line stalls for longer than anybody waits', () =>
      survive(load, ends, async ({ proxy }) => {
        proxy.stall();
        await pause(DEAD_AFTER_MS + 2000);
        proxy.pass();
      }));

    it('the receiver comes back under another address, and tells the sender itself', async () => {
      const { receiver } = await survive(load, ends, async ({ receiver: before, proxy, receiveAgain }) => {
        await kill(before.command);
        proxy.refuse();
        await receiveAgain();
      });
      const progress = receiver.command.events.find(({ event }) => event === 'progress');
      expect(z.number().parse(progress?.['bytes'])).toBeGreaterThan(0);
    });
  });
});
