import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ReceiveSummary } from '../../../../src-main/engine/content/contract.ts';
import { CHUNK_PLAINTEXT_BYTES } from '../../../../src-main/engine/content/records.ts';
import { Crossing } from './crossing.ts';
import { newFolder, write } from './support.ts';

/** Files that become longer between the walk and their last byte, as logs and recordings do. */

const SIZE = 4 * CHUNK_PLAINTEXT_BYTES;

function lay(content: Uint8Array | string): { readonly folder: string; readonly log: string } {
  const folder = newFolder();
  return { folder, log: write(folder, 'item/log', content) };
}

function writeAt(path: string, position: number, bytes: Uint8Array): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, bytes, 0, bytes.length, position);
  closeSync(fd);
}

/** What is not there, and what grew. */
function notes({ skipped, skippedCount, grown }: ReceiveSummary) {
  return { skipped, skippedCount, grown };
}
const GREW = { skipped: [], skippedCount: 0, grown: { listed: ['item/log'], count: 1 } };
const NOTHING = { skipped: [], skippedCount: 0, grown: { listed: [], count: 0 } };
const LEFT_OUT = {
  skipped: [{ path: 'item/log', reason: 'changed' }],
  skippedCount: 1,
  grown: { listed: [], count: 0 },
};

const arrived = (crossing: Crossing) => readFileSync(join(crossing.destination, 'item/log'));

describe('a file that is appended to', () => {
  it('arrives as long as it was when it was listed, and is said to have grown', async () => {
    const { folder, log } = lay('first line\n');
    const crossing = new Crossing(join(folder, 'item'));
    appendFileSync(log, 'second line\n');
    await crossing.connect({ looks: false });
    expect(notes(await crossing.finish())).toEqual(GREW);
    expect(arrived(crossing).toString()).toBe('first line\n');
  });

  it('arrives when it had no byte yet when it was listed', async () => {
    const { folder, log } = lay('');
    const crossing = new Crossing(join(folder, 'item'));
    appendFileSync(log, 'first line\n');
    await crossing.connect({ looks: false });
    expect(notes(await crossing.finish())).toEqual(GREW);
    expect(arrived(crossing)).toHaveLength(0);
  });

  it('arrives when that happens again and again while it is read', async () => {
    const content = randomBytes(SIZE);
    const { folder, log } = lay(content);
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect();
    let last = await crossing.pass(1);
    while (last?.final !== true) {
      appendFileSync(log, randomBytes(1000));
      last = await crossing.pass(1);
    }
    expect(last.grown).toEqual({ listed: ['item/log'], count: 1 });
    expect(notes(await crossing.publish())).toEqual(GREW);
    expect(arrived(crossing).equals(content)).toBe(true);
  });

  it('does not cross a second time when the line is cut behind it', async () => {
    const content = randomBytes(SIZE);
    const { folder, log } = lay(content);
    write(folder, 'item/other', randomBytes(SIZE));
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect();
    await crossing.pass(6);
    await crossing.cut();
    appendFileSync(log, 'more');
    await crossing.connect();
    expect(crossing.revision).toMatchObject({ resentCount: 0, grown: { listed: ['item/log'], count: 1 } });
    expect(notes(await crossing.finish())).toEqual(GREW);
    expect(arrived(crossing).equals(content)).toBe(true);
    expect(crossing.crossed).toBeLessThan(2.6 * SIZE);
  });

  it.each([0, 2])(
    'arrives when all of it was sent, the line was cut before all had arrived, and it grew then: %i chunks had',
    async (chunks) => {
      const content = randomBytes(SIZE);
      const { folder, log } = lay(content);
      // Long enough ago that nothing but what was sent tells growth from another file.
      utimesSync(log, 1_600_000_000, 1_600_000_000);
      write(folder, 'item/other', randomBytes(SIZE));
      const crossing = new Crossing(join(folder, 'item'));
      await crossing.connect();
      await crossing.pass(chunks);
      crossing.lose(20);
      await crossing.cut();
      appendFileSync(log, 'more');
      await crossing.connect();
      expect(notes(await crossing.finish())).toEqual(GREW);
      expect(arrived(crossing).equals(content)).toBe(true);
    },
  );

  it('goes on where it was when the line is cut in the middle of it', async () => {
    const content = randomBytes(SIZE);
    const { folder, log } = lay(content);
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect();
    await crossing.pass(2);
    await crossing.cut();
    appendFileSync(log, 'more');
    await crossing.connect();
    expect(notes(await crossing.finish())).toEqual(GREW);
    expect(arrived(crossing).equals(content)).toBe(true);
    expect(crossing.crossed).toBeLessThan(1.3 * SIZE);
  });

  it('crosses anew, as long as it is now, when that had not been looked for and none of it was sent', async () => {
    const content = randomBytes(SIZE);
    const folder = newFolder();
    write(folder, 'item/a', randomBytes(SIZE));
    const log = write(folder, 'item/log', content);
    utimesSync(log, 1_600_000_000, 1_600_000_000);
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect();
    await crossing.pass(1);
    await crossing.cut();
    appendFileSync(log, 'more');
    await crossing.connect();
    expect(crossing.revision?.resent).toEqual(['item/log']);
    appendFileSync(log, 'and more');
    expect(notes(await crossing.finish())).toEqual(GREW);
    expect(arrived(crossing).equals(Buffer.concat([content, Buffer.from('more')]))).toBe(true);
  });
});

describe('a file that is written anew, and is longer then,', () => {
  it('is never taken for one that was appended to', async () => {
    const { folder, log } = lay('{"name":"first"}');
    const crossing = new Crossing(join(folder, 'item'));
    writeFileSync(log, '{"name":"the second, and a longer one"}');
    await crossing.connect({ looks: false });
    expect(notes(await crossing.finish())).toEqual(LEFT_OUT);
  });

  it('is not taken for one when that happens while it is read', async () => {
    const { folder, log } = lay(randomBytes(SIZE));
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect();
    await crossing.pass(2);
    writeFileSync(log, randomBytes(SIZE + 1));
    expect(notes(await crossing.finish())).toEqual(LEFT_OUT);
  });

  it('is not taken for one when it is written in its middle and appended to while it is read', async () => {
    const { folder, log } = lay(randomBytes(SIZE));
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect();
    await crossing.pass(2);
    writeAt(log, 1000, randomBytes(10));
    appendFileSync(log, 'more');
    expect(notes(await crossing.finish())).toEqual(LEFT_OUT);
  });

  it('crosses anew, as it is now, when the line was cut meanwhile', async () => {
    const { folder, log } = lay(randomBytes(SIZE));
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect();
    await crossing.pass(2);
    await crossing.cut();
    writeAt(log, 1000, randomBytes(10));
    appendFileSync(log, 'more');
    await crossing.connect();
    expect(crossing.revision?.resent).toEqual(['item/log']);
    expect(notes(await crossing.finish())).toEqual(NOTHING);
    expect(arrived(crossing).equals(readFileSync(log))).toBe(true);
  });

  it('is left out when it became shorter and grew again', async () => {
    const { folder, log } = lay(randomBytes(SIZE));
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect();
    await crossing.pass(2);
    truncateSync(log, 0);
    appendFileSync(log, randomBytes(2 * SIZE));
    expect(notes(await crossing.finish())).toEqual(LEFT_OUT);
  });
});
