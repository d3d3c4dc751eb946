import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingMount, mountPointOf } from '../../src-main/mount-points.ts';

let folder = '';
beforeAll(() => {
  folder = realpathSync.native(mkdtempSync(join(tmpdir(), 'sealane-mount-points-')));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const made = (...names: readonly string[]): string => {
  const path = join(folder, ...names);
  mkdirSync(path, { recursive: true });
  return path;
};
const NOTHING = { fstab: '', mountinfo: '' };

describe('the mount point of a folder', () => {
  it('is that of the nearest folder above it, where it is not there yet', () => {
    const mountPoint = mountPointOf(folder);
    expect(mountPointOf(join(folder, 'not', 'there'))).toBe(mountPoint);
    expect(folder.startsWith(mountPoint ?? 'nothing')).toBe(true);
  });

  it.runIf(process.platform === 'linux')('is where another file system begins', () => {
    expect(mountPointOf('/proc/self')).toBe('/proc');
    expect(mountPointOf('/')).toBe('/');
  });

  it.runIf(process.platform === 'linux')('is not known where the system says nothing', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(mountPointOf(join(folder, 'file', 'below'))).toBeNull();
  });
});

describe('a mount point that was noted', () => {
  it('is missing where its folder, or what is above it, lies on the disk above', () => {
    const noted = made('stick');
    expect(missingMount(join(noted, 'in'), noted, NOTHING)).toBe(noted);
    expect(missingMount(noted, noted, NOTHING)).toBe(noted);
    // It goes with the medium on many systems.
    const gone = join(folder, 'gone');
    expect(missingMount(join(gone, 'in'), gone, NOTHING)).toBe(gone);
  });

  it('is there where something is mounted at it, or in it', () => {
    const top = mountPointOf(folder);
    expect(missingMount(folder, top, NOTHING)).toBeUndefined();
    expect(missingMount(folder, parse(folder).root, NOTHING)).toBeUndefined();
  });

  it.runIf(process.platform !== 'win32')(
    'says nothing of a folder that a link leads elsewhere by now',
    () => {
      const [before, now] = [made('before'), made('now')];
      const link = join(folder, 'link');
      symlinkSync(before, link);
      expect(missingMount(join(link, 'in'), before, NOTHING)).toBe(before);
      rmSync(link);
      symlinkSync(now, link);
      expect(missingMount(join(link, 'in'), before, NOTHING)).toBeUndefined();
    },
  );
});

describe.runIf(process.platform === 'linux')('the list of what is to be mounted', () => {
  /** A row of the system's list, and the folder in it. */
  const listed = (name: string, written = name) => {
    const path = made('mnt', name);
    return { path, row: `UUID=1234 \t ${join(dirname(path), written)}/\text4 defaults 0 2` };
  };
  const missing = (path: string, fstab: string, mountinfo = '') =>
    missingMount(path, null, { fstab, mountinfo });

  it('has an empty folder that belongs to a disk, and nothing is made in it', () => {
    const { path, row } = listed('backup');
    const fstab = `# <file system> <mount point>\n\n${row}\n`;
    expect(missing(path, fstab)).toBe(path);
    expect(missing(join(path, 'a', 'b'), fstab)).toBe(path);
    expect(missing(dirname(path), fstab)).toBeUndefined();
  });

  it('says blanks, backslashes and letters beyond ASCII in octal, or as they are', () => {
    for (const [name, written] of [
      ['my disk', 'my\\040disk'],
      ['back\\slash', 'back\\134slash'],
      ['Größe', 'Gr\\303\\266ße'],
      ['Fotos €', 'Fotos\\040€'],
    ] as const) {
      const { path, row } = listed(name, written);
      expect([name, missing(path, row)]).toEqual([name, path]);
    }
  });

  it('counts neither what is mounted, nor a folder with something in it, nor what is switched off', () => {
    const { path, row } = listed('data');
    const mounted = `36 35 98:0 / ${path} rw,noatime shared:1 - ext4 /dev/sdb1 rw\n`;
    expect(missing(path, row, mounted)).toBeUndefined();
    expect(missing(path, `#${row}`)).toBeUndefined();
    writeFileSync(join(path, 'file'), '');
    expect(missing(path, row)).toBeUndefined();
  });

  it('may have anything in it', () => {
    const { path } = listed('odd');
    for (const fstab of [
      '',
      '\0\0',
      path,
      `${path} ${path.slice(1)} ext4`,
      `UUID=1 none swap sw\n\\\\\\777 \\9 x`,
    ])
      expect(missing(path, fstab)).toBeUndefined();
  });
});
