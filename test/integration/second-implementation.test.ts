import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Device } from '../second-implementation/device.mjs';
import { Failure } from '../second-implementation/failure.mjs';
import { Sending } from '../second-implementation/sender.mjs';
import { itemsAt } from '../second-implementation/tree.mjs';
import { compareTrees } from '../support/compare.ts';
import { Proxy } from '../support/proxy.ts';
import { SealaneCommand, sealane } from '../support/sealane-command.ts';
import { makeTree, namesIn } from '../support/tree.ts';

/**
 * The command `sealane` with an implementation of the protocol that shares no line and no library with it, and was written from
 * docs/protocol.md: what the two do together, the document says.
 */

let folder = '';
let second: Device;
/** The id of the device whose profile is `known`. */
let known = '';
const running: SealaneCommand[] = [];

const profile = (name: string) => ['--listen', '127.0.0.1:0', '--profile', join(folder, name), '--json'];

function start(...args: readonly string[]): SealaneCommand {
  const command = new SealaneCommand(args);
  running.push(command);
  return command;
}

/** `receive` of the device `known`, ready. */
async function receive(into: string, ...args: readonly string[]) {
  const command = start('receive', '--into', into, '--accept', 'always', ...args, ...profile('known'));
  const { port } = await command.event('ready');
  return { command, port: z.number().parse(port) };
}

async function* changed(chunks: AsyncIterable<Uint8Array>) {
  for await (const chunk of chunks) yield chunk.with(chunk.length >> 1, (chunk[chunk.length >> 1] ?? 0) ^ 1);
}

async function* exchanged(chunks: AsyncIterable<Uint8Array>) {
  let first: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (first !== undefined) yield* [chunk, first];
    first = first === undefined ? chunk : undefined;
  }
}

async function* repeated(chunks: AsyncIterable<Uint8Array>) {
  for await (const chunk of chunks) yield* [chunk, chunk];
}

async function* missing(chunks: AsyncIterable<Uint8Array>) {
  let count = 0;
  for await (const chunk of chunks) {
    count += 1;
    if (count !== 2) yield chunk;
  }
}

/** Ends the connection in good order where the chunk with the tag FINAL should come. */
async function* untilTheLast(chunks: AsyncIterable<Uint8Array>) {
  let last: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (last !== undefined) yield last;
    last = chunk;
  }
  throw new Failure('connection-lost');
}

/** Below `folder`, empty. */
async function newFolder(name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealane-second-'));
  second = await Device.open('Second');
  const { link, paired } = second.invite(() => true);
  await sealane(['pair', '-', '--yes', ...profile('known')], link);
  known = (await paired).id;
  await makeTree(join(folder, 'tree'), { large: 9 * 1024 * 1024 });
}, 60_000);
afterEach(() => {
  second.accept = () => undefined;
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
    const { link: mine, paired } = second.invite(() => true);
    const command = start('invite', '--yes', ...profile('refused'));
    // Without --yes there is nobody to ask, which is a no.
    const other = sealane(['pair', '-', ...profile('refuses')], mine);
    const { link } = await command.event('invite');
    await expect(second.pair(String(link), () => false)).rejects.toMatchObject({ code: 'code-mismatch' });
    await expect(paired).rejects.toMatchObject({ code: 'code-mismatch', by: 'peer' });
    for (const { code, events } of [await command.ended, await other]) {
      expect(code).toBe(5);
      expect(events.at(-1)).toMatchObject({ event: 'error', code: 'code-mismatch' });
    }
  });

  it('send a folder to one another, and each has every byte, time, bit and empty folder of it', async () => {
    const tree = join(folder, 'tree');
    const [theirs, ours] = await Promise.all([newFolder('theirs'), newFolder('ours')]);
    second.accept = () => ours;
    const { command, port } = await receive(theirs, '--once');
    const to = ['--to', `127.0.0.1:${String(second.port)}`];
    const [complete, received, sent] = await Promise.all([
      second.send(new Sending(await itemsAt([tree])), { id: known, port }),
      command.ended,
      sealane(['send', second.identity.id, tree, ...to, ...profile('known')]),
    ]);
    for (const into of [theirs, ours]) {
      const { differences, files, bytes } = await compareTrees(tree, join(into, 'tree'));
      expect(differences).toEqual([]);
      expect(complete).toMatchObject({ files, bytes, nothing: false, skippedCount: 0 });
    }
    for (const { code, events } of [received, sent]) {
      expect(code).toBe(0);
      expect(events.at(-1)).toMatchObject({ event: 'done', files: complete.files, bytes: complete.bytes });
    }
  });

  it('go on where the line was cut, whichever of the two sends', async () => {
    const tree = join(folder, 'tree');
    const [theirs, ours] = await Promise.all([newFolder('theirs after'), newFolder('ours after')]);
    second.accept = () => ours;
    const { command, port } = await receive(theirs, '--once');
    const [toTheirs, toOurs] = await Promise.all([Proxy.open(port), Proxy.open(second.port)]);
    const sending = new Sending(await itemsAt([tree]));
    const there = { id: known, port: toTheirs.port };
    for (const proxy of [toTheirs, toOurs])
      void proxy.reached(5 * 1024 * 1024).then(() => {
        proxy.reset();
      });
    const to = ['--to', `127.0.0.1:${String(toOurs.port)}`];
    const send = sealane(['send', second.identity.id, tree, ...to, ...profile('known')]);
    await expect(second.send(sending, there)).rejects.toMatchObject({ code: 'connection-lost' });
    await second.send(sending, there);
    for (const { code, events } of [await send, await command.ended]) {
      expect(code).toBe(0);
      expect(events.map(({ event }) => event)).toContain('waiting');
    }
    const receiving = [...second.receiving.values()].find(({ into }) => into === ours);
    for (const begun of [sending.begun, receiving?.begun]) {
      expect(begun).toHaveLength(2);
      expect(begun?.[0]).toEqual({ entry: 0, offset: 0 });
      expect(begun?.[1]?.entry).toBeGreaterThan(0);
    }
    for (const into of [theirs, ours])
      expect((await compareTrees(tree, join(into, 'tree'))).differences).toEqual([]);
    await Promise.all([toTheirs.close(), toOurs.close()]);
  });

  it('refuse changed, exchanged, repeated and missing chunks, and take no other key for a device', async () => {
    const into = await newFolder('tampered');
    const { command, port } = await receive(into);
    const items = await itemsAt([join(folder, 'tree')]);
    const there = { id: known, port };
    for (const meddle of [changed, exchanged, repeated, missing]) {
      const sending = new Sending(items);
      const refused = { code: 'chunk-forged', by: 'peer' };
      await expect(second.send(sending, there, meddle), meddle.name).rejects.toMatchObject(refused);
      const isOver = await command.event('error', ({ transfer }) => transfer === sending.transfer);
      expect(isOver['code']).toBe('chunk-forged');
    }
    expect(await namesIn(into)).toEqual([]);

    // Neither side says anything to a key that it did not ask for, or does not know.
    const stranger = await Device.open('Stranger');
    await expect(stranger.send(new Sending(items), there)).rejects.toMatchObject({ code: 'not-trusted' });
    const other = { id: stranger.identity.id, port };
    await expect(second.send(new Sending(items), other)).rejects.toMatchObject({ code: 'peer-key-mismatch' });
    // The command finds the right one at the port it knows; the stranger, who would take anything, was asked first.
    const [from, ours] = [join(folder, 'tree/bin'), await newFolder('right')];
    stranger.trusted.add(known);
    stranger.accept = () => into;
    second.accept = () => ours;
    const line = await Proxy.open(stranger.port);
    const to = ['--to', `127.0.0.1:${String(line.port)}`];
    const { code } = await sealane(['send', second.identity.id, from, ...to, ...profile('known')]);
    expect(code).toBe(0);
    expect((await compareTrees(from, join(ours, 'bin'))).differences).toEqual([]);
    expect(line.forwarded).toBeGreaterThan(0);
    expect(stranger.receiving.size).toBe(0);
    await line.close();
    stranger.close();
  });

  it('show nothing of a stream that ends before its last chunk, and go on with it', async () => {
    const into = await newFolder('cut short');
    const { command, port } = await receive(into, '--once');
    const sending = new Sending(await itemsAt([join(folder, 'tree')]));
    const short = second.send(sending, { id: known, port }, untilTheLast);
    await expect(short).rejects.toMatchObject({ code: 'connection-lost' });
    await command.event('waiting');
    expect(await namesIn(join(into, 'tree'))).toEqual([]);
    await second.send(sending, { id: known, port });
    expect((await command.ended).code).toBe(0);
    expect((await compareTrees(join(folder, 'tree'), join(into, 'tree'))).differences).toEqual([]);
  });
});
