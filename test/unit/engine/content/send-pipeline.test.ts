import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SkipReason } from '../../../../shared/views.ts';
import type { Cursor } from '../../../../src-main/engine/content/contract.ts';
import { ContentParser } from '../../../../src-main/engine/content/parser.ts';
import { CHUNK_PLAINTEXT_BYTES, readRecords } from '../../../../src-main/engine/content/records.ts';
import { chunkAssociatedData, loadCipher } from '../../../../src-main/engine/content/seal.ts';
import type { FilledFrame } from '../../../../src-main/engine/content/send-pipeline.ts';
import { ManifestWriter } from '../../../../src-main/engine/files/manifest.ts';
import { codeOf } from '../support.ts';
import {
  PLENTY,
  START,
  TRANSFER,
  bodyOf,
  newFolder,
  newKey,
  nextFrame,
  picture,
  receiveFrames,
  restOfFrames,
  sendPipeline,
  walk,
  write,
} from './support.ts';
import type { Walked } from './support.ts';
import { offeredAfter } from '../../../support/offers.ts';

const BIG = 2 * CHUNK_PLAINTEXT_BYTES + 1000;

/** Writes a file of long ago: one written twice in the same few milliseconds has the same time on some systems. */
function writeOld(folder: string, name: string, content: Uint8Array): string {
  const path = write(folder, name, content);
  utimesSync(path, 1_600_000_000, 1_600_000_000);
  return path;
}

/** Opens frames as any other implementation would: by the format alone. Gives each file's bytes and how it ended. */
async function open(
  frames: readonly FilledFrame[],
  key: Uint8Array,
  header: Uint8Array,
  from: Cursor = START,
) {
  const opener = (await loadCipher()).opener(key, header);
  // All entries of these tests but the first lie in the first.
  const parser = new ContentParser(PLENTY, { ...from, folder: from.entry > 0 ? ['item'] : [] });
  const files: { path: string; bytes: number[]; end: string }[] = [];
  let bytes: number[] = [];
  let path = '';
  for (const frame of frames) {
    const sealed = bodyOf(frame);
    const into = new Uint8Array(sealed.length);
    const { entry, offset } = parser.cursor;
    const { length, final } = opener.open(sealed, into, chunkAssociatedData(TRANSFER, entry, offset));
    for (const record of readRecords(into.subarray(0, length))) {
      parser.accept(record);
      if (record.type === 'entry') {
        path = record.entry.path.join('/');
        bytes = [];
        if (record.entry.kind === 'folder') files.push({ path, bytes, end: 'folder' });
      } else if (record.type === 'data') for (const byte of record.bytes) bytes.push(byte);
      else if (record.type === 'end') files.push({ path, bytes, end: 'whole' });
      else if (record.type === 'fail') files.push({ path, bytes, end: record.reason });
      else if (record.type === 'skip') files.push({ path: record.path, bytes: [], end: record.reason });
      else if (record.type === 'missing')
        files.push({ path: record.file.path.join('/'), bytes: [], end: record.reason });
    }
    parser.endChunk(final);
  }
  return files;
}

/** A folder with a large file between two small ones. */
function three(): { folder: string; big: string; content: Buffer; walked: Walked } {
  const folder = newFolder();
  const content = randomBytes(BIG);
  write(folder, 'item/a first', 'first');
  const big = writeOld(folder, 'item/big', content);
  write(folder, 'item/last', 'last');
  return { folder, big, content, walked: walk(join(folder, 'item')) };
}

/** Sends while `during` happens after `frames` frames; gives what arrived and what both sides say is missing. */
async function sendWhile(walked: Walked, frames: number, during: () => void) {
  const key = newKey();
  const pipeline = await sendPipeline(walked.manifestFile, key);
  const { header } = pipeline;
  const sent: FilledFrame[] = [];
  while (sent.length < frames) sent.push(nextFrame(pipeline));
  during();
  sent.push(...restOfFrames(pipeline));
  const destination = newFolder();
  const received = await receiveFrames({
    frames: sent,
    key,
    header,
    destination,
    offered: offeredAfter(walked.summary),
  });
  const skipped = sent.flatMap((frame) => frame.skipped);
  expect(received.skipped).toEqual(skipped);
  expect(received.skippedCount).toBe(skipped.length);
  expect(sent.at(-1)?.skippedCount).toBe(skipped.length);
  return { arrived: Object.keys(picture(destination)), skipped, received };
}

describe('a file that is not what the walk saw', () => {
  const changes: Record<string, { change: (path: string) => void; reason: SkipReason }> = {
    vanished: {
      change: (path) => {
        rmSync(path);
      },
      reason: 'vanished',
    },
    'is shorter': {
      change: (path) => {
        truncateSync(path, BIG - 1);
      },
      reason: 'changed',
    },
    'is longer': {
      change: (path) => {
        appendFileSync(path, 'x');
      },
      reason: 'changed',
    },
    'has other content of the same size': {
      change: (path) => {
        writeFileSync(path, randomBytes(BIG));
      },
      reason: 'changed',
    },
    'has another time': {
      change: (path) => {
        utimesSync(path, 1, 1);
      },
      reason: 'changed',
    },
    'is another file of the same size and time': {
      change: (path) => {
        execFileSync('cp', ['-p', path, `${path} copy`]);
        renameSync(`${path} copy`, path);
      },
      reason: 'changed',
    },
    'is a link to the same file now': {
      change: (path) => {
        renameSync(path, `${path} moved`);
        symlinkSync(`${path} moved`, path);
      },
      reason: 'changed',
    },
    'is a folder now': {
      change: (path) => {
        rmSync(path);
        write(path, 'inside', '');
      },
      reason: 'changed',
    },
    'is a pipe that nobody writes to': {
      change: (path) => {
        rmSync(path);
        execFileSync('mkfifo', [path]);
      },
      reason: 'changed',
    },
    'has its folder replaced by a file': {
      change: (path) => {
        rmSync(join(path, '..'), { recursive: true });
        writeFileSync(join(path, '..'), '');
      },
      reason: 'vanished',
    },
  };
  for (const [name, { change, reason }] of Object.entries(changes)) {
    it(`is left out when it ${name}, and the rest arrives`, async () => {
      const folder = newFolder();
      write(folder, 'item/a first', 'first');
      const path = writeOld(folder, 'item/sub/big', randomBytes(BIG));
      write(folder, 'item/z last', 'last');
      const { arrived, skipped, received } = await sendWhile(walk(join(folder, 'item')), 0, () => {
        change(path);
      });
      expect(skipped).toEqual([{ path: 'item/sub/big', reason }]);
      expect(arrived).toEqual(['item', 'item/a first', 'item/sub', 'item/z last']);
      expect(received).toMatchObject({ files: 2, bytes: 9 });
    });
  }

  const changesDuring: Record<string, (path: string) => void> = {
    shrinks: (path) => {
      truncateSync(path, CHUNK_PLAINTEXT_BYTES + 10);
    },
    'is written anew, and longer,': (path) => {
      writeFileSync(path, randomBytes(BIG + 4));
    },
    'is written anew': (path) => {
      writeFileSync(path, randomBytes(BIG));
    },
    'is emptied': (path) => {
      truncateSync(path, 0);
    },
  };
  for (const [name, change] of Object.entries(changesDuring)) {
    it(`is taken back when it ${name} while it is sent, and the rest arrives`, async () => {
      const { big, walked } = three();
      const { arrived, skipped, received } = await sendWhile(walked, 1, () => {
        change(big);
      });
      expect(skipped).toEqual([{ path: 'item/big', reason: 'changed' }]);
      expect(arrived).toEqual(['item', 'item/a first', 'item/last']);
      expect(received).toMatchObject({ files: 2, bytes: 9 });
    });
  }

  it('arrives whole when it is deleted while it is sent: who has it open can read on', async () => {
    const { big, walked } = three();
    const { arrived, skipped } = await sendWhile(walked, 1, () => {
      rmSync(big);
    });
    expect(skipped).toEqual([]);
    expect(arrived).toEqual(['item', 'item/a first', 'item/big', 'item/last']);
  });

  it('is left out when the system will not open it', async () => {
    const folder = newFolder();
    const file = join(folder, 'manifest');
    const manifest = new ManifestWriter(file);
    const identity = { mtimeUs: 0, mtimeNs: 0n, ctimeNs: 0n, inode: 1n, executable: false };
    // A name that no file system has room for stands for all the reasons that a system has.
    manifest.append({
      kind: 'file',
      path: ['a'],
      source: join(folder, 'x'.repeat(300)),
      size: 1,
      ...identity,
    });
    manifest.close();
    const key = newKey();
    const pipeline = await sendPipeline(file, key);
    const { header } = pipeline;
    const files = await open(restOfFrames(pipeline), key, header);
    expect(files).toEqual([{ path: 'a', bytes: [], end: 'unreadable' }]);
  });

  it('is listed up to a hundred times and counted always', async () => {
    const folder = newFolder();
    for (let n = 0; n < 130; n += 1) write(folder, `item/${String(n)}`, 'x');
    const walked = walk(join(folder, 'item'));
    rmSync(join(folder, 'item'), { recursive: true });
    const pipeline = await sendPipeline(walked.manifestFile, newKey());
    const [frame] = restOfFrames(pipeline);
    expect(frame?.skipped.length).toBe(100);
    expect(frame?.skippedCount).toBe(130);
  });
});

describe('going on at a cursor', () => {
  it('begins in the middle of a file', async () => {
    const { walked, content } = three();
    const key = newKey();
    // item (folder), item/a first, item/big
    const from = { entry: 2, offset: CHUNK_PLAINTEXT_BYTES + 77 };
    const pipeline = await sendPipeline(walked.manifestFile, key, { from });
    const { header } = pipeline;
    const frames = restOfFrames(pipeline);
    const files = await open(frames, key, header, from);
    expect(files.map(({ path, end }) => [path, end])).toEqual([
      ['item/big', 'whole'],
      ['item/last', 'whole'],
    ]);
    expect(Buffer.from(files[0]?.bytes ?? []).equals(content.subarray(from.offset))).toBe(true);
    expect(frames.at(-1)?.progress).toEqual({ bytes: walked.summary.bytes, files: 3 });
  });

  it('begins at the end of a file, at an entry, and at the very end', async () => {
    const { walked } = three();
    const cases: [Cursor, string[]][] = [
      [{ entry: 0, offset: 0 }, ['item', 'item/a first', 'item/big', 'item/last']],
      [{ entry: 1, offset: 5 }, ['item/a first', 'item/big', 'item/last']],
      [{ entry: 3, offset: 0 }, ['item/last']],
      [{ entry: 4, offset: 0 }, []],
    ];
    for (const [from, expected] of cases) {
      const key = newKey();
      const pipeline = await sendPipeline(walked.manifestFile, key, { from });
      const { header } = pipeline;
      const frames = restOfFrames(pipeline);
      const files = await open(frames, key, header, from);
      expect(files.map(({ path }) => path)).toEqual(expected);
      expect(frames.at(-1)?.progress).toEqual({ bytes: walked.summary.bytes, files: 3 });
    }
  });

  it('leaves the file out when it changed since', async () => {
    const { walked, big } = three();
    appendFileSync(big, 'x');
    const key = newKey();
    const from = { entry: 2, offset: 1000 };
    const pipeline = await sendPipeline(walked.manifestFile, key, { from });
    const { header } = pipeline;
    const files = await open(restOfFrames(pipeline), key, header, from);
    expect(files.map(({ path, end }) => [path, end])).toEqual([
      ['item/big', 'changed'],
      ['item/last', 'whole'],
    ]);
  });

  it('refuses a place that is not in the content', async () => {
    const { walked } = three();
    for (const from of [
      { entry: 5, offset: 0 },
      { entry: 4, offset: 1 },
      { entry: 0, offset: 1 },
      { entry: 2, offset: BIG + 1 },
    ]) {
      expect(await codeOf(() => sendPipeline(walked.manifestFile, newKey(), { from }))).toBe(
        'frame-malformed',
      );
    }
  });
});

describe('frames', () => {
  it('tie each chunk to its place: another place opens nothing', async () => {
    const { walked } = three();
    const key = newKey();
    const pipeline = await sendPipeline(walked.manifestFile, key);
    const opener = (await loadCipher()).opener(key, pipeline.header);
    const sealed = bodyOf(nextFrame(pipeline));
    const into = new Uint8Array(sealed.length);
    expect(await codeOf(() => opener.open(sealed, into, chunkAssociatedData(TRANSFER, 0, 1)))).toBe(
      'chunk-forged',
    );
  });

  it('carry progress that counts up to the whole', async () => {
    const { walked } = three();
    const pipeline = await sendPipeline(walked.manifestFile, newKey());
    const progress = restOfFrames(pipeline).map((frame) => frame.progress);
    expect(progress.map(({ files }) => files)).toEqual([1, 1, 3]);
    expect(progress.at(-1)?.bytes).toBe(BIG + 9);
    for (const [n, { bytes }] of progress.entries())
      expect(bytes).toBeGreaterThan(progress[n - 1]?.bytes ?? 0);
  });

  it('end at once for a manifest that is cut off', async () => {
    const { walked } = three();
    truncateSync(walked.manifestFile, 10);
    expect(await codeOf(() => sendPipeline(walked.manifestFile, newKey()))).toBe('internal');
  });
});
