import { randomBytes } from 'node:crypto';
import { appendFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ContentProgress, Cursor, Revision } from '../../../../src-main/engine/content/contract.ts';
import { ContentParser } from '../../../../src-main/engine/content/parser.ts';
import { CHUNK_PLAINTEXT_BYTES, readRecords } from '../../../../src-main/engine/content/records.ts';
import { chunkAssociatedData, loadCipher } from '../../../../src-main/engine/content/seal.ts';
import { readManifest } from '../../../../src-main/engine/files/manifest.ts';
import { revise } from '../../../../src-main/engine/files/revise.ts';
import { codeOf } from '../support.ts';
import {
  START,
  TRANSFER,
  bodyOf,
  newFolder,
  newKey,
  nextFrame,
  restOfFrames,
  sendPipeline,
  walk,
  write,
} from './support.ts';
import { folderAfter, offeredOf } from '../../../support/offers.ts';

const reviseNow = (manifestFile: string): Revision => revise(manifestFile, { isCancelled: () => false });

interface Sent {
  /** What each entry came to, in words: `folder item`, `file item/a 0 [content]`, `superseded`, `skip item/a vanished`. */
  readonly said: readonly string[];
  /** Before the first frame, and with each. */
  readonly progress: readonly ContentProgress[];
  readonly end: Cursor;
}

/** Sends from `from` on, and takes it as any receiver would that was offered `offered`. */
async function sendFrom(manifestFile: string, from: Cursor, offered: Revision): Promise<Sent> {
  const key = newKey();
  const pipeline = await sendPipeline(manifestFile, key, { from });
  const opener = (await loadCipher()).opener(key, pipeline.header);
  const folder = folderAfter(readManifest(manifestFile), from.entry);
  const parser = new ContentParser(offeredOf({ ...offered, itemCount: 1 }), { ...from, folder });
  const progress = [pipeline.progress];
  const said: string[] = [];
  let content = Buffer.alloc(0);
  for (const frame of restOfFrames(pipeline)) {
    progress.push(frame.progress);
    const sealed = bodyOf(frame);
    const { entry, offset } = parser.cursor;
    const into = new Uint8Array(sealed.length);
    const { length, final } = opener.open(sealed, into, chunkAssociatedData(TRANSFER, entry, offset));
    for (const record of readRecords(into.subarray(0, length))) {
      parser.accept(record);
      switch (record.type) {
        case 'entry': {
          const { kind, path } = record.entry;
          const again =
            kind === 'file' && record.entry.again !== undefined ? ` again ${record.entry.again}` : '';
          said.push(`${kind} ${path.join('/')}${again}`);
          content = Buffer.alloc(0);
          break;
        }
        case 'data':
          content = Buffer.concat([content, record.bytes]);
          break;
        case 'end':
          said.push(`${said.pop() ?? ''} [${content.toString()}]`);
          break;
        case 'fail':
          said.push(`${said.pop() ?? ''} ${record.reason}`);
          break;
        case 'skip':
          said.push(`skip ${record.path} ${record.reason}`);
          break;
        case 'superseded':
          said.push(`superseded ${record.file.path.join('/')}`);
          break;
        case 'missing':
          said.push(`missing ${record.file.path.join('/')} ${record.reason}`);
          break;
        case 'grown':
        case 'finish':
          break;
      }
    }
    parser.endChunk(final);
  }
  return { said, progress, end: parser.cursor };
}

/** A small tree of which two files were changed, one of them twice, and one is gone. Gives what is to be said of every entry. */
function changedTree() {
  const folder = newFolder();
  const content: Record<string, string> = { a: 'aaaa', b: 'bbbbb', c: '', 'sub/d': 'dd', 'sub/gone': 'gone' };
  for (const [name, text] of Object.entries(content)) write(folder, `item/${name}`, text);
  symlinkSync('/etc', join(folder, 'item/link'));
  const { manifestFile } = walk(join(folder, 'item'));
  writeFileSync(join(folder, 'item/b'), 'BBB');
  reviseNow(manifestFile);
  writeFileSync(join(folder, 'item/b'), 'second');
  writeFileSync(join(folder, 'item/sub/d'), 'later');
  rmSync(join(folder, 'item/sub/gone'));
  const revision = reviseNow(manifestFile);
  const expected = [
    'folder item',
    'file item/a [aaaa]',
    'superseded item/b',
    'file item/c []',
    'skip item/link link-outside',
    'folder item/sub',
    'superseded item/sub/d',
    'missing item/sub/gone vanished',
    'superseded item/b',
    'file item/sub/d again 6 [later]',
    'file item/b again 2 [second]',
  ];
  return { manifestFile, revision, expected, entries: [...readManifest(manifestFile)] };
}

describe('sending what changed meanwhile', () => {
  it('goes on from every place there is, to the same end', async () => {
    const { manifestFile, revision, expected, entries } = changedTree();
    expect(revision).toMatchObject({ files: 8, folders: 2, bytes: 29, resent: ['item/sub/d', 'item/b'] });
    expect(entries.length).toBe(expected.length);
    let bytes = 0;
    let files = 0;
    for (const [entry, { kind, ...rest }] of entries.entries()) {
      const size = 'size' in rest ? rest.size : 0;
      for (let offset = 0; offset <= size; offset += 1) {
        const sent = await sendFrom(manifestFile, { entry, offset }, revision);
        // Of the file at the place only the rest; everything else as from the beginning.
        const [first = '', ...others] = expected.slice(entry);
        const cut = first.indexOf('[') + 1;
        const rest = kind === 'file' && cut > 0 ? first.slice(0, cut) + first.slice(cut + offset) : first;
        expect(sent.said).toEqual([rest, ...others]);
        expect(sent.end).toEqual({ entry: entries.length, offset: 0 });
        expect(sent.progress[0]).toEqual({ bytes: bytes + offset, files });
        expect(sent.progress.at(-1)).toEqual({ bytes: revision.bytes, files: 5 });
      }
      bytes += size;
      if (kind === 'file') files += 1;
    }
    const end = { entry: entries.length, offset: 0 };
    const nothing = await sendFrom(manifestFile, end, revision);
    expect(nothing).toEqual({ said: [], progress: [0, 1].map(() => ({ bytes: 29, files: 5 })), end });
  });

  it('knows no other places', async () => {
    const { manifestFile, entries } = changedTree();
    const beyond = entries.map((entry, index) => ({
      entry: index,
      offset: 'size' in entry ? entry.size + 1 : 1,
    }));
    for (const from of [
      ...beyond,
      { entry: entries.length, offset: 1 },
      { entry: entries.length + 1, offset: 0 },
    ])
      expect(await codeOf(() => sendPipeline(manifestFile, newKey(), { from }))).toBe('frame-malformed');
  });

  it('has the same progress at a place whichever way it was come to', async () => {
    const folder = newFolder();
    for (let n = 0; n < 8; n += 1)
      write(folder, `item/${String(n)}`, randomBytes(n * 100_000 + CHUNK_PLAINTEXT_BYTES));
    const { manifestFile } = walk(join(folder, 'item'));
    appendFileSync(join(folder, 'item/3'), 'more');
    rmSync(join(folder, 'item/5'));
    const revision = reviseNow(manifestFile);
    const key = newKey();
    const pipeline = await sendPipeline(manifestFile, key);
    const opener = (await loadCipher()).opener(key, pipeline.header);
    const parser = new ContentParser(offeredOf({ ...revision, itemCount: 1 }), START);
    let last = 0;
    for (;;) {
      const frame = nextFrame(pipeline);
      const sealed = bodyOf(frame);
      const into = new Uint8Array(sealed.length);
      const at = chunkAssociatedData(TRANSFER, parser.cursor.entry, parser.cursor.offset);
      const { length } = opener.open(sealed, into, at);
      for (const record of readRecords(into.subarray(0, length))) parser.accept(record);
      const other = await sendPipeline(manifestFile, newKey(), { from: parser.cursor });
      expect(other.progress).toEqual(frame.progress);
      expect(frame.progress.bytes).toBeGreaterThanOrEqual(last);
      last = frame.progress.bytes;
      if (frame.final) break;
    }
    expect(last).toBe(revision.bytes);
  });

  it('brings a file that failed or was missed before, once it was looked at again', async () => {
    const folder = newFolder();
    const names = ['changing', 'failing', 'kept', 'missed'];
    for (const name of names) write(folder, `item/${name}`, randomBytes(CHUNK_PLAINTEXT_BYTES));
    const { manifestFile, summary } = walk(join(folder, 'item'));
    const pipeline = await sendPipeline(manifestFile, newKey());
    nextFrame(pipeline);
    writeFileSync(join(folder, 'item/changing'), randomBytes(CHUNK_PLAINTEXT_BYTES + 1));
    rmSync(join(folder, 'item/missed'));
    const skipped = restOfFrames(pipeline).flatMap((frame) => frame.skipped);
    expect(skipped.map(({ path }) => path)).toEqual(['item/changing', 'item/missed']);
    writeFileSync(join(folder, 'item/missed'), 'back again');

    const revision = reviseNow(manifestFile);
    expect(revision.resent).toEqual(['item/changing', 'item/missed']);
    expect(revision.bytes).toBe(summary.bytes + CHUNK_PLAINTEXT_BYTES + 1 + 10);
    const { said } = await sendFrom(manifestFile, { entry: 5, offset: 0 }, revision);
    expect(said.map((word) => word.slice(0, 40))).toEqual([
      expect.stringMatching(/^file item\/changing again 1 \[/),
      'file item/missed again 4 [back again]',
    ]);
  });

  it('says once more that a file changed which does so while it is sent again', async () => {
    const { manifestFile, revision, entries } = changedTree();
    const last = entries.at(-1);
    const source = last?.kind === 'file' ? last.source : '';
    writeFileSync(source, 'thirdly');
    const { said, progress } = await sendFrom(manifestFile, { entry: 9, offset: 0 }, revision);
    expect(said).toEqual(['file item/sub/d again 6 [later]', 'missing item/b changed']);
    expect(progress.at(-1)?.bytes).toBe(revision.bytes);
    const next = reviseNow(manifestFile);
    expect(next.bytes).toBe(revision.bytes + 7);
    const again = await sendFrom(manifestFile, { entry: 11, offset: 0 }, next);
    expect(again.said).toEqual(['file item/b again 2 [thirdly]']);
  });
});
