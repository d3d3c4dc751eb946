import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type {
  ContentProgress,
  ContentSender,
  SealedFrame,
} from '../../../../src-main/engine/content/contract.ts';
import { CHUNK_PLAINTEXT_BYTES } from '../../../../src-main/engine/content/records.ts';
import { createContentSender } from '../../../../src-main/engine/content/sender-handle.ts';
import { codeOf } from '../support.ts';
import { START, TRANSFER, bodyOf, newFolder, newKey, picture, receiverFor, write } from './support.ts';
import { offeredAfter } from '../../../support/offers.ts';

const quiet = (): void => undefined;
const never = new AbortController().signal;

function newSender(url?: URL): ContentSender {
  const sender = createContentSender(url);
  onTestFinished(() => sender.close());
  return sender;
}

/** A folder of `chunks` chunks and some small files, walked by a sender. */
async function walked(sender: ContentSender, chunks: number) {
  const source = newFolder();
  const big = write(source, 'item/big', randomBytes(chunks * CHUNK_PLAINTEXT_BYTES));
  for (let n = 0; n < 20; n += 1) write(source, `item/small/${String(n)}`, String(n));
  const manifestFile = join(newFolder(), 'manifest');
  const summary = await sender.scan([join(source, 'item')], manifestFile, quiet, never);
  return { source, big, manifestFile, summary };
}

describe('the sending worker', () => {
  it('walks, seals and ends; the receiving worker puts the same on disk', async () => {
    const sender = newSender();
    const { source, manifestFile, summary } = await walked(sender, 10);
    expect(summary).toMatchObject({
      items: [{ name: 'item', kind: 'folder' }],
      itemCount: 1,
      files: 21,
      folders: 2,
    });
    const key = newKey();
    const keyThere = Uint8Array.from(key);
    const { header } = await sender.begin({ manifestFile, transfer: TRANSFER, key, from: START });
    expect([...key]).toEqual(Array.from({ length: 32 }, () => 0));
    expect(sender.cipher()).toBe('native');

    const destination = newFolder();
    const receiver = await receiverFor(
      { key: keyThere, header, offered: offeredAfter(summary) },
      destination,
    );
    let last: ContentProgress = { bytes: 0, files: 0 };
    for (let frame = await sender.next(); frame !== null; frame = await sender.next()) {
      expect(frame.progress.bytes).toBeGreaterThanOrEqual(last.bytes);
      last = frame.progress;
      await receiver.write(bodyOf({ bytes: Uint8Array.from(frame.bytes) }));
      frame.release();
    }
    expect(last).toEqual({ bytes: summary.bytes, files: 21 });
    expect(await sender.next()).toBeNull();
    await receiver.finished;
    expect(receiver.progress()).toEqual(last);
    expect(await receiver.publish()).toEqual({
      files: 21,
      bytes: summary.bytes,
      into: destination,
      names: ['item'],
      renamed: [],
      renamedCount: 0,
      skipped: [],
      skippedCount: 0,
      grown: { listed: [], count: 0 },
    });
    expect(picture(destination)).toEqual(picture(source));
  });

  it('reads ahead by a few frames and then waits for their memory', async () => {
    const sender = newSender();
    const { manifestFile } = await walked(sender, 20);
    await sender.begin({ manifestFile, transfer: TRANSFER, key: newKey(), from: START });
    const held: SealedFrame[] = [];
    while (held.length < 6) held.push((await sender.next()) ?? expect.fail('ended early'));
    const seventh = sender.next();
    let isThere = false;
    void seventh.then(() => {
      isThere = true;
    });
    // Any answer from the worker shows that it is idle and not merely slow; it has nothing to say about this one.
    await codeOf(() => sender.scan([], join(newFolder(), 'none'), quiet, never));
    expect(isThere).toBe(false);
    held[0]?.release();
    held[0]?.release();
    await seventh;
    expect(held[0]?.bytes.length).toBe(0);
  });

  it('keeps many waiting, and serves them in order', async () => {
    const sender = newSender();
    const { manifestFile, summary } = await walked(sender, 4);
    const nexts = Array.from({ length: 8 }, () => sender.next());
    await sender.begin({ manifestFile, transfer: TRANSFER, key: newKey(), from: START });
    const frames = await Promise.all(nexts);
    const bytes = frames.flatMap((frame) => frame?.progress.bytes ?? []);
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
    expect(bytes.at(-1)).toBe(summary.bytes);
    expect(frames.at(-1)).toBeNull();
  });

  it('says what was left out, walking and sending, once each', async () => {
    const sender = newSender();
    const source = newFolder();
    write(source, 'item/gone', 'gone');
    write(source, 'item/kept', 'kept');
    symlinkSync('/etc/hostname', join(source, 'item/out'));
    const manifestFile = join(newFolder(), 'manifest');
    await sender.scan([join(source, 'item')], manifestFile, quiet, never);
    const walking = [{ path: 'item/out', reason: 'link-outside' }];
    expect(sender.skipped()).toEqual({ listed: walking, count: 1 });
    rmSync(join(source, 'item/gone'));
    await sender.begin({ manifestFile, transfer: TRANSFER, key: newKey(), from: START });
    await sender.next();
    expect(sender.skipped()).toEqual({
      listed: [...walking, { path: 'item/gone', reason: 'vanished' }],
      count: 2,
    });
  });

  it('stops walking when it is told to, in the middle of it', async () => {
    const sender = newSender();
    const source = newFolder();
    for (let n = 0; n < 3000; n += 1) write(source, `item/${String(n)}`, '');
    const abort = new AbortController();
    const seen: ContentProgress[] = [];
    const scanning = sender.scan(
      [join(source, 'item')],
      join(newFolder(), 'manifest'),
      (progress) => {
        seen.push(progress);
        abort.abort();
      },
      abort.signal,
    );
    expect(await codeOf(() => scanning)).toBe('cancelled');
    expect(seen.length).toBeGreaterThan(0);
    const again = sender.scan([join(source, 'item')], join(newFolder(), 'manifest'), quiet, abort.signal);
    expect(await codeOf(() => again)).toBe('cancelled');
  });

  it('passes on what walking throws', async () => {
    const sender = newSender();
    const missing = join(newFolder(), 'missing');
    const manifestFile = join(newFolder(), 'manifest');
    expect(await codeOf(() => sender.scan([missing], manifestFile, quiet, never))).toBe('source-missing');
    expect(await codeOf(() => sender.scan([], manifestFile, quiet, never))).toBe('nothing-to-send');
  });

  it('fails by name for a place that is not in the content and for a manifest that is damaged', async () => {
    const begin = async (sender: ContentSender, manifestFile: string, entry: number) =>
      codeOf(() =>
        sender.begin({ manifestFile, transfer: TRANSFER, key: newKey(), from: { entry, offset: 0 } }),
      );
    const first = newSender();
    const { manifestFile } = await walked(first, 1);
    expect(await begin(first, manifestFile, 1000)).toBe('frame-malformed');
    const whole = readFileSync(manifestFile, 'utf8');
    truncateSync(manifestFile, 200);
    expect(await begin(newSender(), manifestFile, 3)).toBe('internal');
    expect(await codeOf(() => newSender().revise(manifestFile, never))).toBe('internal');
    // Damage further on is only met there.
    writeFileSync(manifestFile, whole.replace('"small","7"', '"small",777'));
    const third = newSender();
    expect(await begin(third, manifestFile, 0)).toBeUndefined();
    expect(await codeOf(() => third.next())).toBeUndefined();
    expect(await codeOf(() => third.next())).toBe('internal');
    expect(await codeOf(() => third.next())).toBe('internal');
  });

  it('looks again at what it walked, and goes on at a place', async () => {
    const first = newSender();
    const { big, manifestFile, summary } = await walked(first, 4);
    const { files, folders, bytes, hidden, programs } = summary;
    const nothing = { listed: [], count: 0 };
    const nothingNew = { firstFiles: files, entries: 23, later: nothing, unsent: nothing };
    const grown = { listed: [], count: 0 };
    const unchanged = {
      files,
      folders,
      bytes,
      hidden,
      programs,
      resent: [],
      resentCount: 0,
      grown,
      ...nothingNew,
    };
    expect(await first.revise(manifestFile, never)).toEqual(unchanged);
    await first.close();

    const sender = newSender();
    appendFileSync(join(big, '../small/7'), 'seven');
    const revision = await sender.revise(manifestFile, never);
    expect(revision).toEqual({
      files: files + 1,
      folders,
      bytes: bytes + 6,
      hidden,
      programs,
      resent: ['item/small/7'],
      resentCount: 1,
      grown,
      ...nothingNew,
      unsent: { listed: [{ path: 'item/small/7', reason: 'changed' }], count: 1 },
      entries: 24,
    });
    const offset = 3 * CHUNK_PLAINTEXT_BYTES;
    const from = { entry: 1, offset };
    const { header, progress } = await sender.begin({
      manifestFile,
      transfer: TRANSFER,
      key: newKey(),
      from,
    });
    expect(header.length).toBe(24);
    expect(progress).toEqual({ bytes: offset, files: 0 });
    let last = progress;
    let sealed = 0;
    for (let frame = await sender.next(); frame !== null; frame = await sender.next()) {
      last = frame.progress;
      sealed += frame.bytes.length;
      frame.release();
    }
    expect(last).toEqual({ bytes: revision.bytes, files });
    expect(sealed).toBeLessThan(CHUNK_PLAINTEXT_BYTES + 10_000);
  });

  it('stops looking again when it is told to, and has appended nothing', async () => {
    const sender = newSender();
    const { big, manifestFile } = await walked(sender, 1);
    const before = readFileSync(manifestFile);
    appendFileSync(big, 'more');
    const abort = new AbortController();
    const revising = codeOf(() => sender.revise(manifestFile, abort.signal));
    abort.abort();
    expect(await revising).toBe('cancelled');
    expect(await codeOf(() => sender.revise(manifestFile, abort.signal))).toBe('cancelled');
    expect(readFileSync(manifestFile).equals(before)).toBe(true);
    expect((await sender.revise(manifestFile, never)).resentCount).toBe(1);
  });

  it('ends in the middle of everything, and everything that waits is told', async () => {
    const sender = newSender();
    const { manifestFile } = await walked(sender, 20);
    await sender.begin({ manifestFile, transfer: TRANSFER, key: newKey(), from: START });
    const nexts = Array.from({ length: 10 }, () => codeOf(() => sender.next()));
    const scanning = codeOf(() => sender.scan([newFolder()], join(newFolder(), 'manifest'), quiet, never));
    await Promise.all([sender.close(), sender.close()]);
    await sender.close();
    expect(await Promise.all(nexts)).toContain('cancelled');
    expect(await scanning).toBe('cancelled');
    expect(await codeOf(() => sender.next())).toBe('cancelled');
  });

  it('tells all that wait when it crashes', async () => {
    const sender = newSender(new URL('./fixtures/crashing-send-worker.ts', import.meta.url));
    const { manifestFile } = await walked(sender, 20);
    await sender.begin({ manifestFile, transfer: TRANSFER, key: newKey(), from: START });
    const frame = await sender.next();
    const rest = Array.from({ length: 20 }, () => codeOf(() => sender.next()));
    frame?.release();
    expect((await Promise.all(rest)).at(-1)).toBe('internal');
    expect(await codeOf(() => sender.next())).toBe('internal');
    await sender.close();
  });

  it('fails by name when its code cannot be loaded', async () => {
    const sender = newSender(new URL('./fixtures/no-such-worker.ts', import.meta.url));
    expect(await codeOf(() => sender.scan([], join(newFolder(), 'm'), quiet, never))).toBe('internal');
    await sender.close();
  });
});
