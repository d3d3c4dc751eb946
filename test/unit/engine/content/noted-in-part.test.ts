import {
  chmodSync,
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
import { CHUNK_PLAINTEXT_BYTES } from '../../../../src-main/engine/content/records.ts';
import { noise } from '../../../support/tree.ts';
import { codeOf } from '../support.ts';
import { Crossing } from './crossing.ts';
import { newFolder, picture, write } from './support.ts';

/** What was noted of the files that were sent, and of which a power cut or a full disk has taken the last. */

const SIZE = 4 * CHUNK_PLAINTEXT_BYTES;
const SLOT = 32;

/** Two files, and a crossing of them that was cut within the second. */
async function cutInSecond() {
  const folder = newFolder();
  const [first, second] = ['a', 'b'].map((name, n) => {
    const file = write(folder, `item/${name}`, noise(SIZE, n));
    utimesSync(file, 1_600_000_000, 1_600_000_000);
    return file;
  });
  if (first === undefined || second === undefined) throw new Error('there are two');
  const crossing = new Crossing(join(folder, 'item'));
  await crossing.connect();
  await crossing.pass(6);
  await crossing.cut();
  return { folder, first, second, crossing };
}

/** Writes at a byte of a file, and sets its times back. */
function rewrite(file: string, position: number): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.alloc(1000, 7), 0, 1000, position);
  closeSync(fd);
  utimesSync(file, 1_600_000_000, 1_600_000_000);
}

/** Leaves the key, the beginning and so many pieces of the first file. */
const leave = (sentFile: string, pieces: number) => {
  truncateSync(sentFile, (2 + pieces) * SLOT);
};

describe('a file that the receiver has whole, and of which a part is known to have been sent', () => {
  it.each([1, 2, 3])('is sent again when it was written in place behind that, %d pieces', async (pieces) => {
    const { folder, first, crossing } = await cutInSecond();
    leave(crossing.sentFile, pieces);
    rewrite(first, SIZE - 5000);
    // Only the receiver knows that this file is no longer under way.
    expect(await codeOf(() => crossing.connect())).toBe('interrupted');
    await crossing.connect();
    expect(crossing.revision?.resent).toEqual(['item/a']);
    expect((await crossing.finish()).skippedCount).toBe(0);
    expect(picture(crossing.destination)).toEqual(picture(folder));
  });

  it('is sent again at once where more is known of another one', async () => {
    const { folder, first, crossing } = await cutInSecond();
    await crossing.connect();
    await crossing.pass(1);
    await crossing.cut();
    const log = readFileSync(crossing.sentFile);
    log.writeUInt8(log.readUInt8(4 * SLOT) ^ 1, 4 * SLOT);
    writeFileSync(crossing.sentFile, log);
    rewrite(first, SIZE - 5000);
    await crossing.connect();
    expect(crossing.revision?.resent).toEqual(['item/a']);
    await crossing.finish();
    expect(picture(crossing.destination)).toEqual(picture(folder));
  });

  it('crosses once when nothing was done to it', async () => {
    const { folder, crossing } = await cutInSecond();
    leave(crossing.sentFile, 2);
    await crossing.connect();
    expect(crossing.revision?.resent).toEqual([]);
    await crossing.finish();
    expect(picture(crossing.destination)).toEqual(picture(folder));
  });
});

describe('a file that is under way, and of which all is known that was sent', () => {
  it('crosses once when it was only touched, as one does that has crossed before it', async () => {
    const { folder, first, second, crossing } = await cutInSecond();
    for (const file of [first, second]) chmodSync(file, 0o666);
    await crossing.connect();
    expect(crossing.revision?.resent).toEqual([]);
    await crossing.finish();
    expect(picture(crossing.destination)).toEqual(picture(folder));
    expect(crossing.crossed).toBeLessThan(2.6 * SIZE);
  });
});
