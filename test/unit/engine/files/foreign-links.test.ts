import fs from 'node:fs';
import {
  chownSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  symlinkSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDestination } from '../../../../src-main/engine/files/destination.ts';
import { markAbove, markFolder } from '../../../../src-main/engine/files/folder-mark.ts';
import type { FolderMark } from '../../../../src-main/engine/files/folder-mark.ts';
import { WAYS, walkTo } from '../../../../src-main/engine/files/folder-walk.ts';
import { afterMaking } from './after-making.ts';
import { codeOf, lay, newFolder, picture, put, stage } from './world.ts';

/**
 * The way to the destination, on which another user may have put a link or a folder of his own. What belongs
 * to whom only root can set.
 */

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** A link that the other user has made. */
function foreignLink(target: string, path: string): void {
  symlinkSync(target, path);
  lchownSync(path, NOBODY, NOBODY);
}

/** Links to, and above, a folder that only this user may write in. */
const FOREIGN: readonly (readonly [string, (world: string) => string])[] = [
  [
    'that is the destination itself',
    (world) => {
      foreignLink('private', join(world, 'In'));
      return 'In';
    },
  ],
  [
    'that leads there by an absolute path',
    (world) => {
      foreignLink(join(world, 'private'), join(world, 'In'));
      return 'In';
    },
  ],
  [
    'above the destination',
    (world) => {
      foreignLink('private', join(world, 'sub'));
      return 'sub/there';
    },
  ],
  [
    'above a destination that is to be made',
    (world) => {
      foreignLink('private', join(world, 'sub'));
      return 'sub/new/newer';
    },
  ],
  [
    'to which a link of this user leads',
    (world) => {
      foreignLink('private', join(world, 'theirs'));
      symlinkSync('theirs/there', join(world, 'mine'));
      return 'mine';
    },
  ],
  [
    'that leads to a link of this user',
    (world) => {
      symlinkSync('private', join(world, 'mine'));
      foreignLink('mine', join(world, 'In'));
      return 'In';
    },
  ],
  [
    'that leads nowhere, so that something is made there',
    (world) => {
      foreignLink('private/new', join(world, 'In'));
      return 'In';
    },
  ],
];

describe.runIf(isRoot)('a link of another user on the way to the destination', () => {
  const ways = { linux: WAYS.linux, posix: WAYS.posix };
  for (const [system, way] of Object.entries(ways)) {
    it.each(FOREIGN)(`%s is not followed, as ${system} walks`, (_what, make) => {
      const world = newFolder();
      lay(world, { 'private/there/': '', 'private/precious': 'precious' });
      const asked = make(world);
      const before = picture(world);
      const made: FolderMark[] = [];
      const walk = (): unknown => walkTo(join(world, asked), (each) => made.push(each), way);
      expect(codeOf(walk)).toBe('destination-unusable');
      expect(made).toEqual([]);
      expect(picture(world)).toEqual(before);
    });
  }

  it.each(FOREIGN)('%s has nothing received behind it', (_what, make) => {
    const world = newFolder();
    lay(world, { 'private/there/': '', 'private/precious': 'precious' });
    const asked = make(world);
    const before = picture(world);
    expect(codeOf(() => stage(join(world, asked)))).toBe('destination-unusable');
    expect(picture(world)).toEqual(before);
  });
});

describe('a link of this user or of root on the way to the destination', () => {
  /** Ways to `real/there` and what is below, as the system resolves them. */
  function mine(): string {
    const world = newFolder();
    lay(world, { 'real/there/deep/': '', 'other/': '' });
    const link = (target: string, name: string): void => {
      symlinkSync(target, join(world, name));
    };
    link('real/there', 'relative');
    link(join(world, 'real', 'there'), 'absolute');
    link('relative/deep', 'chain');
    link('../other/../real/there', 'other/up');
    // The folder above what the first link leads to, not the one that the link is in.
    link('chain/../../there', 'through');
    link('./real//there/', 'written oddly');
    return world;
  }
  const names = ['relative', 'absolute', 'chain', 'other/up', 'through', 'written oddly', 'real/there'];

  for (const [system, way] of Object.entries(WAYS)) {
    it.each(names)(`leads where the system says, as ${system} walks: %s`, (name) => {
      const path = join(mine(), name);
      const made: FolderMark[] = [];
      const { folder, isOwn } = walkTo(path, (each) => made.push(each), way);
      expect(folder).toEqual(markFolder(realpathSync.native(path)));
      expect({ isOwn, made }).toEqual({ isOwn: true, made: [] });
    });

    it(`that leads in a circle, or nowhere, ends the walk, as ${system} walks`, () => {
      const world = newFolder();
      symlinkSync('b', join(world, 'a'));
      symlinkSync('a', join(world, 'b'));
      symlinkSync('nowhere', join(world, 'broken'));
      for (const name of ['a', 'a/x', 'broken', 'broken/x']) {
        expect(codeOf(() => walkTo(join(world, name), () => undefined, way))).not.toBe('nothing thrown');
      }
      expect(readdirSync(world).sort()).toEqual(['a', 'b', 'broken']);
    });
  }

  it.each(['linux', 'posix'] as const)(
    'has what is made below it told by its real path, as %s walks',
    (system) => {
      const world = mine();
      const made: FolderMark[] = [];
      const { folder } = walkTo(
        join(world, 'chain', 'new', 'newer'),
        (each) => made.push(each),
        WAYS[system],
      );
      const real = join(world, 'real', 'there', 'deep', 'new');
      expect(made).toEqual([markFolder(real), markFolder(join(real, 'newer'))]);
      expect(folder).toEqual(made.at(-1));
    },
  );
});

describe.runIf(isRoot)('a link of this user', () => {
  it('that another one takes the place of while it is read is not followed', () => {
    const world = newFolder();
    lay(world, { 'real/': '', 'private/': '' });
    symlinkSync('real', join(world, 'In'));
    const { readlinkSync: read } = fs;
    const restore = (): void => {
      Object.assign(fs, { readlinkSync: read });
      syncBuiltinESMExports();
    };
    onTestFinished(restore);
    const reading = (...args: Parameters<typeof read>): string | Buffer => {
      restore();
      renameSync(join(world, 'In'), join(world, 'moved'));
      foreignLink('private', join(world, 'In'));
      return read(...args);
    };
    Object.assign(fs, { readlinkSync: reading });
    syncBuiltinESMExports();
    expect(codeOf(() => stage(join(world, 'In')))).toBe('destination-unusable');
    expect(picture(join(world, 'private'))).toEqual({});
    expect(readdirSync(world)).toContain('moved');
  });
});
describe.runIf(isRoot)('a folder that is made on the way to the destination', () => {
  const asked = 'new/newer/newest';
  const swaps: Readonly<Record<string, (path: string) => void>> = {
    'a folder of another user': (path) => {
      mkdirSync(path, { mode: 0o777 });
      chownSync(path, NOBODY, NOBODY);
    },
    'a link of another user': (path) => {
      foreignLink(join(path, '..', 'private'), path);
    },
    'a link': (path) => {
      symlinkSync('private', path);
    },
  };
  const steps = [...asked.split('/').map((name) => [name, asked] as const), ['alone', 'alone'] as const];
  for (const [name, into] of steps) {
    it.each(Object.entries(swaps))(`called ${name} is not taken for %s in its place`, (_what, swap) => {
      const world = newFolder();
      const path = join(world, into.slice(0, into.indexOf(name) + name.length));
      const above = dirname(path);
      let isSwapped = false;
      afterMaking(name, () => {
        lay(above, { 'private/precious': 'precious' });
        renameSync(path, `${path} moved`);
        swap(path);
        isSwapped = true;
      });
      expect(codeOf(() => stage(join(world, into)))).toBe('destination-unusable');
      expect(isSwapped).toBe(true);
      const after = picture(world);
      expect(Object.keys(after).filter((each) => each.includes('.sealane-'))).toEqual([]);
      expect(picture(join(above, 'private'))).toEqual({ precious: 'precious' });
    });
  }

  it('where all that is made belongs to somebody else, as on a network’s disk, is received into', () => {
    const world = newFolder();
    const { mkdirSync: make } = fs;
    const making = (...args: Parameters<typeof make>): string | undefined => {
      const made = make(...args);
      chownSync(args[0], NOBODY, NOBODY);
      return made;
    };
    const { openSync: open } = fs;
    const opening = (...args: Parameters<typeof open>): number => {
      const fd = open(...args);
      if (String(args[0]).endsWith('/id')) fs.fchownSync(fd, NOBODY, NOBODY);
      return fd;
    };
    onTestFinished(() => {
      Object.assign(fs, { mkdirSync: make, openSync: open });
      syncBuiltinESMExports();
    });
    Object.assign(fs, { mkdirSync: making, openSync: opening });
    syncBuiltinESMExports();
    const staging = stage(join(world, 'new', 'newer'));
    put(staging, ['a'], 'a');
    expect(staging.place.made).toHaveLength(2);
  });
});

describe('the folder above a marked one', () => {
  it('is the one that it is in, whatever stands at the path by which that was known', () => {
    const world = newFolder();
    lay(world, { 'In/staging/': '' });
    const [into, old] = [join(world, 'In'), join(world, 'Old')];
    const [destination, staging] = [markFolder(into), markFolder(join(into, 'staging'))];
    renameSync(into, old);
    symlinkSync('Old', into);
    expect(markAbove(staging, into)).toEqual(destination);
    expect(codeOf(() => markFolder(into))).toBe('destination-changed');
  });
});

describe.runIf(isRoot)('a destination in which a transfer was begun before', () => {
  /** A folder called `In`, and one of another user in its place. */
  function swapped(): { readonly into: string; readonly earlier: FolderMark } {
    const into = join(newFolder(), 'In');
    mkdirSync(into);
    const earlier = markFolder(into);
    renameSync(into, `${into} old`);
    mkdirSync(into, { mode: 0o777 });
    return { into, earlier };
  }

  it('is none in a folder of another user, which is left as it is', () => {
    const { into, earlier } = swapped();
    chownSync(into, NOBODY, NOBODY);
    expect(codeOf(() => openDestination(into, earlier))).toBe('destination-changed');
    expect(readdirSync(into)).toEqual([]);
  });

  it('is the same one, whoever owns it', () => {
    const { into } = swapped();
    chownSync(into, NOBODY, NOBODY);
    const mark = markFolder(into);
    expect(openDestination(into, mark).folder).toEqual(mark);
  });

  it('is another one of this user, or one that is made', () => {
    const { into, earlier } = swapped();
    expect(openDestination(into, earlier).folder).toEqual(markFolder(into));
    expect(openDestination(`${into} new`, earlier).made).toEqual([markFolder(`${into} new`)]);
  });
});
