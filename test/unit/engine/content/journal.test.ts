import {
  appendFileSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  encodeRecord,
  FIRST_LINK,
  JOURNAL_RECORDS,
} from '../../../../src-main/engine/content/journal-codec.ts';
import { Journal } from '../../../../src-main/engine/content/journal.ts';
import { journalBody } from '../../../../src-main/engine/content/journal-state.ts';
import type { Checkpoint, JournalState } from '../../../../src-main/engine/content/journal-state.ts';
import { NOTHING_LANDED } from '../../../../src-main/engine/content/landing.ts';
import { AT_START } from '../../../../src-main/engine/content/parser.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { EMPTY_MARK } from '../../../../src-main/engine/files/side-file.ts';
import { codeOf } from '../support.ts';
import { OTHER_TRANSFER, TRANSFER, agreedTo, newFolder } from './support.ts';

const mark = (path: string, ino: bigint) => ({ path, dev: 2n ** 60n + 1n, ino });
const HEADER = {
  transfer: TRANSFER,
  agreed: agreedTo('/home/somebody/über'),
  offered: { files: 3, folders: 1, bytes: 1000 },
  place: {
    into: '/home/somebody/über',
    destination: mark('/home/somebody/über', 7n),
    made: [mark('/home/somebody/über', 7n)],
    folder: mark('/home/somebody/über/.sealane-00', 2n ** 63n + 1n),
    token: '0'.repeat(32),
  },
};

function checkpoint(entry: number): Checkpoint {
  return {
    parser: { ...AT_START, entry, offset: 5, folder: ['ä'] },
    landing: { ...NOTHING_LANDED, received: entry * 100, current: { identity: 'x', dropped: 'changed' } },
    staging: {
      folders: EMPTY_MARK,
      entries: { bytes: 9, lines: entry, crc: 2 ** 32 - 1 },
      renames: EMPTY_MARK,
      leftOut: EMPTY_MARK,
      partial: { place: 'tree', names: ['ä', 'b'], offset: 5 },
    },
  };
}

const skip = (path: string) => ({ path, reason: 'vanished' as const, entry: null });

/** A new journal with its header. */
function started(folder: string, disk: Disk = nodeDisk, header = HEADER): Journal {
  const journal = Journal.create(folder, disk);
  journal.start(header);
  return journal;
}

/** A journal with three checkpoints; gives its bytes. */
function written(folder: string): Buffer {
  const journal = started(folder);
  journal.checkpoint(checkpoint(1), { anew: false, files: [skip('a'), skip('b')] });
  journal.checkpoint(checkpoint(2), null);
  journal.checkpoint(checkpoint(3), { anew: false, files: [skip('c')] });
  journal.close();
  return readFileSync(join(folder, 'journal'));
}

/** What is read; the journal is closed again. */
function read(folder: string): JournalState | undefined {
  const opened = Journal.open(folder);
  opened?.journal.close();
  return opened?.state;
}

/** A new file: many a file system takes its time when one is cut and written again. */
function replace(folder: string, bytes: Uint8Array): void {
  rmSync(join(folder, 'journal'), { force: true });
  writeFileSync(join(folder, 'journal'), bytes);
}

/** Nothing is to survive a power cut here. */
const unsynced = { ...nodeDisk, sync: () => Promise.resolve() };

describe('the journal', { timeout: 120_000 }, () => {
  it('comes back as it was written, for nobody else to read', () => {
    const folder = newFolder();
    written(folder);
    expect(statSync(join(folder, 'journal')).mode & 0o777).toBe(0o600);
    expect(read(folder)).toEqual({
      header: { version: 2, ...HEADER },
      checkpoint: checkpoint(3),
      skipped: ['a', 'b', 'c'].map(skip),
      phase: 'receiving',
      moves: [],
      names: [],
    });
    expect(Journal.peek(folder)).toEqual({ header: { version: 2, ...HEADER } });
  });

  it('with a header alone says that nothing was received', () => {
    const folder = newFolder();
    started(folder).close();
    expect(read(folder)).toMatchObject({ checkpoint: null, skipped: [], phase: 'receiving' });
  });

  it('goes on where it was, again and again', () => {
    const folder = newFolder();
    written(folder);
    for (let n = 4; n < 8; n += 1) {
      const opened = Journal.open(folder) ?? expect.fail('not there');
      expect(opened.state.checkpoint).toEqual(checkpoint(n - 1));
      opened.journal.checkpoint(checkpoint(n), { anew: n === 6, files: [skip(String(n))] });
      opened.journal.close();
    }
    expect(read(folder)?.skipped.map(({ path }) => path)).toEqual(['6', '7']);
  });

  it('tells of a publication', async () => {
    const folder = newFolder();
    written(folder);
    const { journal } = Journal.open(folder) ?? expect.fail('not there');
    await journal.begin();
    expect(read(folder)).toMatchObject({ phase: 'publishing', moves: [], checkpoint: checkpoint(3) });
    journal.move({ name: 'a', target: 'a (2)', claims: true, renamed: 0 });
    expect(read(folder)).toMatchObject({
      phase: 'publishing',
      moves: [{ name: 'a', target: 'a (2)', claims: true, renamed: 0 }],
    });
    await journal.end(['a (2)']);
    journal.close();
    expect(read(folder)).toMatchObject({ phase: 'published', names: ['a (2)'] });
  });

  it('is none where there is none, or something else', () => {
    const folder = newFolder();
    expect(read(folder)).toBeUndefined();
    expect(Journal.peek(folder)).toEqual({});
    for (const rubbish of ['', 'x', '{"version":1}', '\0'.repeat(10_000), 'é'.repeat(100_000)]) {
      replace(folder, Buffer.from(rubbish));
      expect(read(folder)).toBeUndefined();
      expect(Journal.peek(folder)).toEqual({});
    }
    replace(folder, Buffer.from([0xff, 0xff, 0xff, 0xff, 1]));
    expect(read(folder)).toBeUndefined();
  });

  it('is not looked for behind a link', async () => {
    const [folder, elsewhere] = [newFolder(), newFolder()];
    written(elsewhere);
    symlinkSync(join(elsewhere, 'journal'), join(folder, 'journal'));
    expect(await codeOf(() => read(folder))).toBe('profile-unusable');
    expect(await codeOf(() => Journal.peek(folder))).toBe('profile-unusable');
    expect(await codeOf(() => started(folder))).toBe('profile-unusable');
  });

  it('cut off anywhere says what was true earlier, or nothing, and goes on from there', () => {
    const folder = newFolder();
    const whole = written(folder);
    const seen = new Set<number>();
    for (let length = 0; length < whole.length; length += 1) {
      replace(folder, whole.subarray(0, length));
      const entry = entryOf(folder);
      seen.add(entry);
      if (entry === -1) continue;
      const { journal } = Journal.open(folder, unsynced) ?? expect.fail('not there');
      journal.checkpoint(checkpoint(9), { anew: false, files: [skip('new')] });
      journal.close();
      expect(entryOf(folder)).toBe(9);
      // Of what was cut off, nothing came back.
      const skipped = read(folder)?.skipped.map(({ path }) => path);
      expect(skipped).toEqual(entry === 0 ? ['new'] : ['a', 'b', 'new']);
    }
    expect([...seen].sort((one, other) => one - other)).toEqual([-1, 0, 1, 2]);
  });

  it('flipped anywhere says what was true earlier, or nothing', () => {
    const folder = newFolder();
    const whole = written(folder);
    const seen = new Set<number>();
    for (let at = 0; at < whole.length; at += 1) {
      for (const bits of [0x01, 0x80, 0xff]) {
        const damaged = Buffer.from(whole);
        damaged.writeUInt8(whole.readUInt8(at) ^ bits, at);
        replace(folder, damaged);
        seen.add(entryOf(folder));
      }
    }
    expect([...seen].sort((one, other) => one - other)).toEqual([-1, 0, 1, 2]);
  });

  it('does not count what was put together from genuine pieces', () => {
    const [folder, other] = [newFolder(), newFolder()];
    const whole = written(folder);
    const foreign = started(other, nodeDisk, { ...HEADER, transfer: OTHER_TRANSFER });
    foreign.checkpoint(checkpoint(8), null);
    foreign.close();
    const theirs = readFileSync(join(other, 'journal'));
    const headerLength = theirs.readUInt32BE(0) + 5 + 8;
    replace(folder, Buffer.concat([whole, theirs.subarray(headerLength)]));
    expect(entryOf(folder)).toBe(3);
    replace(folder, Buffer.concat([whole, whole]));
    expect(entryOf(folder)).toBe(3);
    replace(folder, Buffer.concat([theirs.subarray(0, headerLength), whole.subarray(headerLength)]));
    expect(entryOf(folder)).toBe(0);
  });

  it('does not count well-made records that do not belong there', () => {
    const folder = newFolder();
    started(folder).close();
    const header = readFileSync(join(folder, 'journal'));
    const link = header.subarray(-8);
    const bodies: [number, unknown][] = [
      [JOURNAL_RECORDS.header, { version: 2, ...HEADER, place: null }],
      [JOURNAL_RECORDS.checkpoint, { parser: 1 }],
      [JOURNAL_RECORDS.skipped, { anew: 1 }],
      [JOURNAL_RECORDS.move, {}],
      [99, {}],
    ];
    for (const [type, body] of bodies) {
      replace(
        folder,
        Buffer.concat([header, encodeRecord({ type, body: Buffer.from(JSON.stringify(body)) }, link).bytes]),
      );
      expect(entryOf(folder)).toBe(0);
    }
    const second = encodeRecord(
      { type: JOURNAL_RECORDS.published, body: Buffer.from('{"names":[]}') },
      FIRST_LINK,
    );
    replace(folder, second.bytes);
    expect(entryOf(folder)).toBe(-1);
  });

  it('writes nothing behind half a record', async () => {
    const folder = newFolder();
    let isFull = false;
    const sync = (fd: number): Promise<void> =>
      isFull ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) : nodeDisk.sync(fd);
    const journal = started(folder, { ...nodeDisk, sync });
    onTestFinished(() => {
      journal.close();
    });
    journal.checkpoint(checkpoint(1), null);
    await journal.sync();
    expect(journal.isDirty).toBe(false);
    journal.checkpoint(checkpoint(2), null);
    expect(journal.isDirty).toBe(true);
    isFull = true;
    expect(await codeOf(() => journal.sync())).toBe('profile-unusable');
    isFull = false;
    expect(
      await codeOf(() => {
        journal.checkpoint(checkpoint(3), null);
      }),
    ).toBe('internal');
    journal.close();
    expect(await codeOf(() => journal.begin())).toBe('internal');
    expect(entryOf(folder)).toBeLessThanOrEqual(2);
  });

  it('is read piece by piece, however long it is', () => {
    const folder = newFolder();
    started(folder).close();
    const whole: Uint8Array[] = [readFileSync(join(folder, 'journal'))];
    let link: typeof FIRST_LINK = readFileSync(join(folder, 'journal')).subarray(-8);
    const add = (type: number, value: unknown): void => {
      const record = encodeRecord({ type, body: journalBody(value) }, link);
      link = record.link;
      whole.push(record.bytes);
    };
    for (let n = 0; n < 100; n += 1) {
      add(JOURNAL_RECORDS.skipped, { anew: true, files: [skip('x'.repeat(n * 900))] });
      add(JOURNAL_RECORDS.checkpoint, checkpoint(n));
    }
    replace(folder, Buffer.concat(whole));
    expect(entryOf(folder)).toBe(99);
    appendFileSync(join(folder, 'journal'), Buffer.alloc(3_000_000, 1));
    expect(entryOf(folder)).toBe(99);
    truncateSync(join(folder, 'journal'), statSync(join(folder, 'journal')).size - 1);
    expect(entryOf(folder)).toBe(98);
  });

  it('is removed with the lists beside it, and with nothing else', () => {
    const folder = newFolder();
    written(folder);
    for (const name of ['entries', 'folders', 'job.json']) writeFileSync(join(folder, name), '');
    Journal.remove(folder);
    Journal.remove(folder);
    expect(readdirSync(folder)).toEqual(['job.json']);
  });
});

/** Of the last checkpoint; 0 for none, -1 for no journal. */
function entryOf(folder: string): number {
  const state = read(folder);
  return state === undefined ? -1 : (state.checkpoint?.parser.entry ?? 0);
}
