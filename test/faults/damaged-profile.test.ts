import { randomBytes } from 'node:crypto';
import { copyFile, cp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src-main/engine/index.ts';
import type { Engine, Snapshot } from '../../src-main/engine/index.ts';
import type { TransferId } from '../../shared/views.ts';
import { Bench, acceptOffer, offerTo, pairEngines, sendAndAccept, transferIn } from '../support/engines.ts';
import { noise } from '../support/tree.ts';

/**
 * A profile with everything in it: a device that is trusted, an invite, a transfer that is done and one that is not, settings. Every
 * file of it is damaged in every way; the device starts, is still who it was, and still trusts whom it trusted.
 */

const bench = new Bench();
/** A profile before it is damaged. */
interface Original {
  readonly folder: string;
  readonly before: Snapshot;
  /** Every file in it, relative to it. */
  readonly files: readonly string[];
}

let sender: Original;
let receiver: Original;
let peer: Engine;
let unfinished: TransferId;
let copies = 0;

beforeAll(async () => {
  const first = await bench.engine('first');
  peer = await bench.engine('second');
  await pairEngines(first, peer);
  await first.changeDevice(peer.snapshot().self.id, { name: 'My laptop', accept: 'always' });
  await first.createInvite();
  await first.renameSelf('The desk');
  const source = await bench.folder('note.txt');
  await writeFile(source, 'hello');
  await sendAndAccept(first, peer, [source]);
  const large = await bench.folder('film.mov');
  await writeFile(large, noise(64 * 1024 * 1024));
  const offered = offerTo(peer);
  unfinished = await first.send({ device: peer.snapshot().self.id, paths: [large] });
  const offer = await offered;
  const running = transferIn(first, ['running'], unfinished);
  await acceptOffer(peer, offer);
  await running;
  sender = await keep('first', first);
  receiver = await keep('second', peer);
  // Back where the sender knows it to be.
  peer = await bench.engine('second', { listen: { host: '127.0.0.1', port: receiver.before.port ?? 0 } });
});
afterAll(() => bench.dispose());

/** Ends an engine and takes down what it leaves. */
async function keep(name: string, engine: Engine): Promise<Original> {
  const before = engine.snapshot();
  await engine.close();
  const kept = await bench.folder(`${name}-kept`);
  await cp(await bench.folder(`${name}-profile`), kept, { recursive: true });
  const entries = await readdir(kept, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return { folder: kept, before, files: files.map((file) => file.slice(kept.length + 1)) };
}

/** A copy of the profile to be damaged. */
async function copyOf({ folder }: Original): Promise<string> {
  copies += 1;
  const copy = await bench.folder(`copy-${String(copies)}`);
  await cp(folder, copy, { recursive: true });
  return copy;
}

/** Starts a device on the profile, looks, and ends it. */
async function start(profile: string): Promise<Snapshot> {
  const engine = await createEngine({ profile, listen: { host: '127.0.0.1', port: 0 } });
  const snapshot = engine.snapshot();
  await engine.close();
  return snapshot;
}

const damages: readonly (readonly [string, (file: string) => Promise<unknown>])[] = [
  ['cut to nothing', (file) => truncate(file, 0)],
  ['cut in half', async (file) => truncate(file, Math.floor((await readFile(file)).length / 2))],
  ['zeros', async (file) => writeFile(file, Buffer.alloc((await readFile(file)).length))],
  ['random bytes', async (file) => writeFile(file, randomBytes((await readFile(file)).length))],
  [
    'one bit the other way',
    async (file) => {
      const bytes = await readFile(file);
      const middle = Math.floor(bytes.length / 2);
      bytes[middle] = (bytes[middle] ?? 0) ^ 4;
      await writeFile(file, bytes);
    },
  ],
  ['somebody else’s JSON', (file) => writeFile(file, '{"version":1,"payload":[{"id":"x"}]}')],
  ['removed', (file) => rm(file)],
];

/** Who it is, whom it trusts and what for: what no damage of one file may change. */
function essence({ self, devices }: Snapshot) {
  return { self, devices };
}

const documents = ['devices', 'invites', 'settings', 'history'] as const;

describe('a profile of which one file is damaged', { timeout: 60_000 }, () => {
  it('is that of a device with something in every part', () => {
    expect(sender.before.devices).toMatchObject([{ name: 'My laptop', accept: 'always' }]);
    expect(sender.before.self.name).toBe('The desk');
    const expected = documents.flatMap((name) => [`${name}.json`, `${name}.copy.json`]);
    expect(receiver.files).toEqual(
      expect.arrayContaining([`transfers/${unfinished}/job.json`, `transfers/${unfinished}/journal`]),
    );
    expect(sender.files).toEqual(
      expect.arrayContaining([
        'identity.key',
        'identity.key.copy',
        ...expected,
        `transfers/${unfinished}/job.json`,
        `transfers/${unfinished}/manifest`,
      ]),
    );
  });

  it.each(damages)(
    '%s: it starts, is who it was, and trusts whom it trusted, whichever file it is',
    async (_how, damage) => {
      const all = [sender, receiver].flatMap((of) => of.files.map((file) => ({ of, file })));
      for (const { of, file } of all) {
        const profile = await copyOf(of);
        await damage(join(profile, file));
        const after = await start(profile);
        expect({ file, ...essence(after) }).toEqual({ file, ...essence(of.before) });
        // Each document has a copy: with one file gone, nothing is lost.
        expect({ file, lost: after.notices.filter(({ kind }) => kind === 'records-lost') }).toEqual({
          file,
          lost: [],
        });
        await rm(profile, { recursive: true });
      }
    },
  );

  it('is whole again after it was started: the other file of each pair can go next', async () => {
    const profile = await copyOf(sender);
    const pairs = [
      ...documents.map((name) => [`${name}.json`, `${name}.copy.json`]),
      ['identity.key', 'identity.key.copy'],
    ];
    for (const [main = ''] of pairs) await rm(join(profile, main));
    await start(profile);
    for (const [, copy = ''] of pairs) await writeFile(join(profile, copy), 'rubbish');
    expect(essence(await start(profile))).toEqual(essence(sender.before));
    await rm(profile, { recursive: true });
  });
});

describe('a profile of which a document and its copy are both damaged', { timeout: 60_000 }, () => {
  it.each(documents)(
    '%s: it starts, is who it was, says that these are lost, and keeps the damaged files',
    async (name) => {
      for (const damage of ['', 'rubbish', '{"version":1,"checksum":"x","payload":[]}', 'null']) {
        const profile = await copyOf(sender);
        for (const file of [`${name}.json`, `${name}.copy.json`])
          await writeFile(join(profile, file), damage);
        const after = await start(profile);
        expect(after.self.id).toBe(sender.before.self.id);
        expect(after.notices).toContainEqual({ kind: 'records-lost', records: [name] });
        if (name !== 'devices') expect(after.devices).toEqual(sender.before.devices);
        const kept = (await readdir(profile)).filter((file) => file.startsWith(`${name}.damaged-`));
        expect(kept).toHaveLength(2);
        // What was lost is said once, and the next start is like any other.
        expect((await start(profile)).notices.filter(({ kind }) => kind === 'records-lost')).toEqual([]);
        await rm(profile, { recursive: true });
      }
    },
  );

  it('the key and its copy: it says so and does not start, rather than become another device', async () => {
    const profile = await copyOf(sender);
    for (const file of ['identity.key', 'identity.key.copy']) await writeFile(join(profile, file), 'rubbish');
    await expect(start(profile)).rejects.toMatchObject({ code: 'profile-damaged' });
    expect(await readFile(join(profile, 'identity.key'), 'utf8')).toBe('rubbish');
  });
});

describe('a profile of which a file and its copy are both gone', { timeout: 60_000 }, () => {
  it.each(documents)('%s: it starts, is who it was, and says once that these are lost', async (name) => {
    const profile = await copyOf(sender);
    for (const file of [`${name}.json`, `${name}.copy.json`]) await rm(join(profile, file));
    const after = await start(profile);
    expect(after.self.id).toBe(sender.before.self.id);
    expect(after.notices).toContainEqual({ kind: 'records-lost', records: [name] });
    expect((await start(profile)).notices.filter(({ kind }) => kind === 'records-lost')).toEqual([]);
  });

  it('the key, beside devices that trust it: it says so, and is not replaced', async () => {
    const profile = await copyOf(sender);
    const keys = ['identity.key', 'identity.key.copy'];
    for (const file of keys) await rm(join(profile, file));
    for (let time = 0; time < 2; time += 1)
      await expect(start(profile)).rejects.toMatchObject({ code: 'key-missing' });
    expect(await readdir(profile)).not.toEqual(expect.arrayContaining(keys));
    for (const file of keys) await copyFile(join(sender.folder, file), join(profile, file));
    expect(essence(await start(profile))).toEqual(essence(sender.before));
  });
});

describe('an unfinished transfer of which a file is damaged', { timeout: 60_000 }, () => {
  const some = damages.filter(([how]) => ['cut in half', 'random bytes', 'removed'].includes(how));
  it.each(some)(
    '%s: the device still sends, and shows nothing as going on that does not',
    async (_how, damage) => {
      for (const file of sender.files.filter((name) => name.startsWith('transfers/'))) {
        const profile = await copyOf(sender);
        await damage(join(profile, file));
        const engine = await createEngine({
          profile,
          listen: { host: '127.0.0.1', port: 0 },
          resumeSends: true,
        });
        const stateOf = () => engine.snapshot().transfers.find(({ id }) => id === unfinished)?.state;
        if (file.endsWith('/job.json')) {
          expect(stateOf()).toMatchObject({ kind: 'failed', error: { code: 'record-lost' } });
        }
        await engine.listen();
        const { received } = await sendAndAccept(engine, peer, [await bench.folder('note.txt')]);
        expect({ file, end: received.state.kind }).toEqual({ file, end: 'done' });
        await expect.poll(() => stateOf()?.kind, { timeout: 20_000 }).toMatch(/^(failed|done)$/);
        await engine.close();
      }
    },
  );

  it('removed altogether: the same', async () => {
    const profile = await copyOf(sender);
    await rm(join(profile, 'transfers'), { recursive: true });
    const after = await start(profile);
    expect(after.transfers.find(({ id }) => id === unfinished)?.state).toMatchObject({
      kind: 'failed',
      error: { code: 'record-lost' },
    });
  });

  it('and of which the device was forgotten meanwhile: it is over', async () => {
    const profile = await copyOf(sender);
    for (const file of ['devices.json', 'devices.copy.json']) await writeFile(join(profile, file), 'rubbish');
    const after = await start(profile);
    expect(after.transfers.find(({ id }) => id === unfinished)?.state).toMatchObject({
      kind: 'failed',
      error: { code: 'device-forgotten' },
    });
    expect(await readdir(join(profile, 'transfers'))).toEqual([]);
  });
});

describe('an offer that nobody had answered when the device was closed', () => {
  it('is not shown as a transfer that waits', async () => {
    const first = await bench.engine('asked');
    const other = await bench.engine('asking');
    await pairEngines(first, other);
    const offered = offerTo(first);
    await other.send({ device: first.snapshot().self.id, paths: [await bench.folder('note.txt')] });
    await offered;
    await first.close();
    await other.close();
    expect((await start(await bench.folder('asked-profile'))).transfers).toEqual([]);
  });
});
