import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHUNK_PLAINTEXT_BYTES } from '../../../../src-main/engine/content/records.ts';
import { Crossing } from './crossing.ts';
import { newFolder, picture, write } from './support.ts';

/**
 * Files that are changed in place, so that size, inode and modification time stay: between two connections,
 * and while they are read.
 */

const SIZE = 8 * CHUNK_PLAINTEXT_BYTES;

/** Writes `bytes` into a file at `position`, as an editor of parts does. */
function writeAt(path: string, position: number, bytes: Uint8Array): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, bytes, 0, bytes.length, position);
  closeSync(fd);
}

/** Does something to a file, and sets its times back. */
function keepingTimes(path: string, work: () => void): void {
  const { atimeMs, mtimeMs } = statSync(path);
  work();
  utimesSync(path, String(atimeMs / 1000), String(mtimeMs / 1000));
}

/** A file whose time is a whole number of milliseconds of long ago, so that it can be set back exactly. */
function layLarge(name = 'item/large'): { readonly folder: string; readonly file: string } {
  const folder = newFolder();
  const file = write(folder, name, randomBytes(SIZE));
  utimesSync(file, 1_600_000_000, 1_600_000_000);
  return { folder, file };
}

const rewrites: Readonly<Record<string, (file: string) => void>> = {
  'its first part is written anew and its time set back': (file) => {
    keepingTimes(file, () => {
      writeAt(file, 0, randomBytes(SIZE / 4));
    });
  },
  'a few bytes here and there are written, as through a mapping, and its time set back': (file) => {
    keepingTimes(file, () => {
      for (let n = 0; n < 8; n += 1) writeAt(file, n * 100_003, randomBytes(7));
    });
  },
  'one byte at the very beginning is written, and touch -r sets its time back': (file) => {
    const reference = join(newFolder(), 'reference');
    execFileSync('touch', ['-r', file, reference]);
    writeAt(file, 0, new Uint8Array([1, 2, 3, 4]));
    execFileSync('touch', ['-r', reference, file]);
  },
  'all of it is copied over from another file, as rsync --inplace -t does': (file) => {
    const other = join(newFolder(), 'other');
    copyFileSync(file, other);
    keepingTimes(file, () => {
      writeAt(file, 0, randomBytes(SIZE));
    });
  },
  'it is written a second time within the same tick of the clock': (file) => {
    keepingTimes(file, () => {
      writeAt(file, 1, randomBytes(9));
      writeAt(file, 10, randomBytes(9));
    });
  },
};

describe('a file that is half across when the line is cut', () => {
  for (const [name, rewrite] of Object.entries(rewrites)) {
    it(`arrives as one version when meanwhile ${name}`, async () => {
      const { folder, file } = layLarge();
      const before = statSync(file, { bigint: true });
      const crossing = new Crossing(join(folder, 'item'));
      await crossing.connect();
      await crossing.pass(4);
      await crossing.cut();
      rewrite(file);
      const after = statSync(file, { bigint: true });
      expect([after.size, after.ino, after.mtimeNs]).toEqual([before.size, before.ino, before.mtimeNs]);
      await crossing.connect();
      expect(crossing.revision?.resent).toEqual(['item/large']);
      const { files, skippedCount } = await crossing.finish();
      expect({ files, skippedCount }).toEqual({ files: 1, skippedCount: 0 });
      expect(picture(crossing.destination)).toEqual(picture(folder));
    });
  }

  it('arrives as one version when it is changed again and again, at every connection', async () => {
    const { folder, file } = layLarge();
    const crossing = new Crossing(join(folder, 'item'));
    for (let n = 0; n < 6; n += 1) {
      await crossing.connect();
      await crossing.pass(2);
      await crossing.cut();
      keepingTimes(file, () => {
        writeAt(file, n * 200_000, randomBytes(1000));
      });
    }
    await crossing.connect();
    await crossing.finish();
    expect(picture(crossing.destination)).toEqual(picture(folder));
  });

  const touches: Readonly<Record<string, (file: string) => void>> = {
    'was made writable for others': (file) => {
      chmodSync(file, 0o666);
    },
    'got a second name': (file) => {
      linkSync(file, join(newFolder(), 'second'));
    },
    'was written with the bytes that it had, and its time set back': (file) => {
      keepingTimes(file, () => {
        writeAt(file, 0, readFileSync(file).subarray(0, SIZE / 2));
      });
    },
  };
  for (const [name, touch] of Object.entries(touches)) {
    it(`crosses once when meanwhile it ${name}`, async () => {
      const { folder, file } = layLarge();
      const crossing = new Crossing(join(folder, 'item'));
      for (let n = 0; n < 3; n += 1) {
        await crossing.connect();
        expect(crossing.revision).toMatchObject({ files: 1, bytes: SIZE, resentCount: 0 });
        await crossing.pass(2);
        await crossing.cut();
        touch(file);
      }
      await crossing.connect();
      await crossing.finish();
      expect(picture(crossing.destination)).toEqual(picture(folder));
      // What crosses twice is no more than what a cut takes from under way.
      expect(crossing.crossed).toBeLessThan(SIZE * 1.05);
    });
  }

  it('is sent anew when it was touched and what was sent of it is not known any more', async () => {
    const { folder, file } = layLarge();
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect();
    await crossing.pass(4);
    await crossing.cut();
    rmSync(crossing.sentFile);
    chmodSync(file, 0o666);
    await crossing.connect();
    expect(crossing.revision?.resent).toEqual(['item/large']);
    await crossing.finish();
    expect(picture(crossing.destination)).toEqual(picture(folder));
  });

  it('begins anew when the end of what is known of it was lost and it was touched', async () => {
    const { folder, file } = layLarge();
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect();
    await crossing.pass(4);
    await crossing.cut();
    // As after a power cut: two of the pieces are not known to have been sent.
    truncateSync(crossing.sentFile, statSync(crossing.sentFile).size - 64);
    chmodSync(file, 0o666);
    await crossing.connect();
    expect(crossing.revision?.resentCount).toBe(0);
    const { bytes, skippedCount } = await crossing.finish();
    expect({ bytes, skippedCount }).toEqual({ bytes: SIZE, skippedCount: 0 });
    expect(picture(crossing.destination)).toEqual(picture(folder));
    expect(crossing.crossed).toBeGreaterThan(SIZE * 1.4);
  });

  it.each([1, 3, 5, Infinity])(
    'arrives as one version when it is changed as a connection begins on which %d frames are lost',
    async (frames) => {
      const { folder, file } = layLarge();
      const crossing = new Crossing(join(folder, 'item'));
      await crossing.connect();
      await crossing.pass(2);
      await crossing.cut();
      for (let time = 0; time < 2; time += 1) {
        await crossing.connect();
        // After the look at the files, and before this one is opened.
        keepingTimes(file, () => {
          writeAt(file, time * 1000, randomBytes(SIZE / 2));
        });
        crossing.lose(frames);
        await crossing.cut();
      }
      await crossing.connect();
      await crossing.finish();
      expect(picture(crossing.destination)).toEqual(picture(folder));
    },
  );

  it('is not read again just to go on when nothing was done to it', async () => {
    const { folder } = layLarge();
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect();
    await crossing.pass(4);
    await crossing.cut();
    // Without what is known of it nothing could be compared.
    rmSync(crossing.sentFile);
    await crossing.connect();
    await crossing.finish();
    expect(picture(crossing.destination)).toEqual(picture(folder));
    expect(crossing.crossed).toBeLessThan(SIZE * 1.05);
  });
});

describe('files that are whole at the receiver', () => {
  it('do not cross again because they were touched, and do when they were written', async () => {
    const folder = newFolder();
    for (let n = 0; n < 40; n += 1) {
      utimesSync(write(folder, `item/${String(n)}`, randomBytes(40_000)), 1_600_000_000, 1_600_000_000);
    }
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect();
    await crossing.pass(2);
    await crossing.cut();
    execFileSync('chmod', ['-R', 'g+w', join(folder, 'item')]);
    keepingTimes(join(folder, 'item/0'), () => {
      writeAt(join(folder, 'item/0'), 39_999, new Uint8Array([0]));
      writeAt(join(folder, 'item/0'), 20_000, randomBytes(100));
    });
    await crossing.connect();
    // Of those that were not sent yet nothing is known; they come once, under a newer entry.
    expect(crossing.revision?.resent).toContain('item/0');
    expect(crossing.revision?.resent).not.toContain('item/1');
    await crossing.finish();
    expect(picture(crossing.destination)).toEqual(picture(folder));
    expect(crossing.crossed).toBeLessThan(40 * 40_000 + 150_000);
  });
});

describe('a file that is changed while it is read', () => {
  for (const [name, rewrite] of Object.entries(rewrites)) {
    it(`is never called whole when ${name}`, async () => {
      const { folder, file } = layLarge();
      const crossing = new Crossing(join(folder, 'item'));
      await crossing.connect();
      await crossing.pass(3);
      rewrite(file);
      const { files, skipped } = await crossing.finish();
      expect({ files, skipped }).toEqual({ files: 0, skipped: [{ path: 'item/large', reason: 'changed' }] });
    });
  }

  it('is whole when only its mode was changed: what was read of it is compared', async () => {
    const { folder, file } = layLarge();
    const crossing = new Crossing(join(folder, 'item'));
    await crossing.connect();
    await crossing.pass(3);
    chmodSync(file, 0o600);
    await crossing.pass(2);
    chmodSync(file, 0o666);
    const { files, skippedCount } = await crossing.finish();
    expect({ files, skippedCount }).toEqual({ files: 1, skippedCount: 0 });
    expect(picture(crossing.destination)).toEqual(picture(folder));
  });

  it('is never called whole when it was made, listed and changed within one tick of the clock', async () => {
    for (let n = 0; n < 10; n += 1) {
      const { folder, file } = layLarge();
      const crossing = new Crossing(join(folder, 'item'));
      await crossing.connect();
      await crossing.pass(1);
      keepingTimes(file, () => {
        writeAt(file, 5, randomBytes(16));
      });
      const { files, skippedCount } = await crossing.finish();
      expect({ files, skippedCount }).toEqual({ files: 0, skippedCount: 1 });
    }
  });

  it('is sent in its new version when nothing of it was read before', async () => {
    const { folder, file } = layLarge();
    const crossing = new Crossing(join(folder, 'item'));
    keepingTimes(file, () => {
      writeAt(file, 5, randomBytes(16));
    });
    await crossing.connect();
    const { files } = await crossing.finish();
    expect(files).toBe(1);
    expect(picture(crossing.destination)).toEqual(picture(folder));
  });
});
