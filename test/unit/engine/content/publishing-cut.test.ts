import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { Journal } from '../../../../src-main/engine/content/journal.ts';
import {
  discardJournaled,
  discardUnpublished,
  finishPublishing,
} from '../../../../src-main/engine/content/leftover.ts';
import { codeOf } from '../support.ts';
import { lay, picture, systemError } from '../files/world.ts';
import { Stage, file, finish, folder } from './play.ts';
import { newFolder } from './support.ts';

/** A disk whose user is killed at the `n`th of these calls, before or after it was done: from then on nothing is done any more. */
function crashing(call: 'link' | 'rename', n: number, when: 'before' | 'after', base: Disk = nodeDisk): Disk {
  let left = n;
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new Error('killed');
  };
  const guard =
    (name: 'link' | 'rename') =>
    (from: string, to: string): void => {
      if (isDead) die();
      if (name === call) left -= 1;
      if (left === 0 && when === 'before') die();
      base[name](from, to);
      if (left === 0) die();
    };
  return { ...base, link: guard('link'), rename: guard('rename') };
}

/** What an exception cleans up, and a kill does not: the claim on the name of what was about to be moved. */
function claimAgain(stage: Stage): void {
  const { state, journal } = Journal.open(stage.journalFolder) ?? expect.fail('no journal');
  journal.close();
  const { name, target } = state.moves.findLast(({ claims }) => claims) ?? expect.fail('nothing was claimed');
  const claim = join(stage.destination, target);
  if (!existsSync(stage.tree(name)) || existsSync(claim)) return;
  if (statSync(stage.tree(name)).isDirectory()) mkdirSync(claim, { mode: 0o700 });
  else writeFileSync(claim, '');
}

/** Stands in for a file system without hard links. */
const withoutLinks: Disk = {
  ...nodeDisk,
  link: (_from, to) => {
    // As Linux does: it looks at the name before it asks the file system.
    throw systemError(existsSync(to) ? 'EEXIST' : 'EPERM');
  },
};

const CONTENT = { a: 'a', 'b.txt': 'b', f: '/', 'f/x': 'x', g: '/', 'g/y': 'y', h: '/', z: 'z' };

/** Everything is staged, and comes to its end. */
async function whole(disk: Disk): Promise<Stage> {
  const stage = new Stage(join(newFolder(), 'in'));
  stage.disk = disk;
  stage.connect();
  await stage.play(file('a', 'a'), file('b.txt', 'b'), folder('f'), file('f/x', 'x'), folder('g'));
  await stage.play(file('g/y', 'y'), folder('h'), file('z', 'z'));
  await stage.play(finish(stage.reception));
  return stage;
}

/** The sender comes back, and has nothing more to say. */
async function comeBack(stage: Stage, disk = nodeDisk): Promise<readonly string[]> {
  await stage.cut();
  stage.disk = disk;
  expect(stage.connect()).toEqual({ entry: 8, offset: 0 });
  expect(stage.progress).toEqual({ bytes: 5, files: 5 });
  await stage.play(finish(stage.reception));
  const { names, files, bytes, into } = await stage.publish();
  expect({ files, bytes, into }).toEqual({ files: 5, bytes: 5, into: stage.destination });
  return names;
}

describe('a publication that a crash cuts short', () => {
  const moments: [string, () => Disk, Disk][] = [1, 2, 3].flatMap((n) =>
    (['before', 'after'] as const).flatMap((when): [string, () => Disk, Disk][] => [
      [`${when} link ${String(n)}`, () => crashing('link', n, when), nodeDisk],
      [`${when} rename ${String(n)}`, () => crashing('rename', n, when), nodeDisk],
      [
        `${when} rename ${String(n)}, without links`,
        () => crashing('rename', n, when, withoutLinks),
        withoutLinks,
      ],
    ]),
  );
  it.each(moments)(
    '%s is brought to its end: everything once, and nothing else',
    async (moment, crash, disk) => {
      const stage = await whole(crash());
      await expect(stage.publish()).rejects.toThrow();
      if (moment.startsWith('before rename')) claimAgain(stage);
      // Of what is shown, no file is half there; at most one thing is only claimed.
      for (const [path, content] of Object.entries(picture(stage.destination))) {
        if (path.startsWith('.sealane-') || content === '') continue;
        expect(Object.entries(CONTENT)).toContainEqual([path, content]);
      }
      expect(await comeBack(stage, disk)).toEqual(['a', 'b.txt', 'f', 'g', 'h', 'z']);
      expect(picture(stage.destination)).toEqual(CONTENT);
      expect(statSync(join(stage.destination, 'a')).nlink).toBe(1);
      expect(Math.round(statSync(join(stage.destination, 'g')).mtimeMs)).toBe(1_600_000_000_000);
    },
  );

  it('takes nothing for its own that somebody else has put under the name meanwhile', async () => {
    const stage = await whole(crashing('rename', 1, 'before', withoutLinks));
    await expect(stage.publish()).rejects.toThrow();
    lay(stage.destination, { a: 'mine', 'f/mine': 'mine', z: '' });
    expect(await comeBack(stage, withoutLinks)).toEqual(['a (2)', 'b.txt', 'f (2)', 'g', 'h', 'z (2)']);
    expect(picture(stage.destination)).toEqual({
      ...Object.fromEntries(
        Object.entries(CONTENT).map(([path, what]) => [path.replace(/^(a|f|z)(?=\/|$)/, '$1 (2)'), what]),
      ),
      a: 'mine',
      f: '/',
      'f/mine': 'mine',
      z: '',
    });
  });

  it('never once more puts under names what is there already, when it was the last word that was lost', async () => {
    const stage = await whole(nodeDisk);
    expect((await stage.publish()).names).toEqual(['a', 'b.txt', 'f', 'g', 'h', 'z']);
    for (let n = 0; n < 3; n += 1) expect(await comeBack(stage)).toEqual(['a', 'b.txt', 'f', 'g', 'h', 'z']);
    expect(picture(stage.destination)).toEqual(CONTENT);
    // Whatever becomes of it later.
    rmSync(stage.destination, { recursive: true });
    expect(await comeBack(stage)).toEqual(['a', 'b.txt', 'f', 'g', 'h', 'z']);
    expect(existsSync(stage.destination)).toBe(false);
    await stage.discard();
    expect((await finishPublishing(stage.journalFolder))?.names).toEqual(['a', 'b.txt', 'f', 'g', 'h', 'z']);
    await discardJournaled(stage.journalFolder);
    expect(readdirSync(stage.journalFolder)).toEqual([]);
  });

  it('leaves a file out that changed after that, and says so', async () => {
    const stage = await whole(crashing('link', 2, 'before'));
    await expect(stage.publish()).rejects.toThrow();
    await stage.kill();
    stage.disk = nodeDisk;
    stage.connect();
    await stage.play(file('f/x', 'changed', 3), file('g/y', 'too', 5));
    await stage.play(finish(stage.reception));
    expect(stage.progress).toEqual({ bytes: 15, files: 5 });
    expect(await stage.publish()).toMatchObject({
      files: 5,
      bytes: 5,
      skipped: [
        { path: 'f/x', reason: 'changed' },
        { path: 'g/y', reason: 'changed' },
      ],
      skippedCount: 2,
    });
    expect(picture(stage.destination)).toEqual(CONTENT);
  });

  /** Ways to give it up, at whichever moment after it was cut short. */
  const ways: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
    'by who was publishing': (stage) => stage.discard(),
    'while nobody is connected': (stage) => stage.kill(),
    'once it is connected again': async (stage) => {
      await stage.kill();
      stage.disk = nodeDisk;
      stage.connect();
      await stage.discard();
    },
    'by a worker that had prepared nothing': async (stage) => {
      await stage.kill();
      await discardUnpublished(stage.journalFolder);
    },
  };
  const ends: Readonly<Record<string, () => Disk>> = {
    'before anything was moved': () => crashing('link', 1, 'before'),
    'with a part moved': () => crashing('link', 2, 'before'),
    'with all moved but folders': () => crashing('rename', 1, 'before'),
  };
  for (const [way, giveUp] of Object.entries(ways)) {
    it.each(Object.entries(ends))(
      `is given up too late ${way}: all of it is there (%s)`,
      async (_what, end) => {
        const stage = await whole(end());
        await expect(stage.publish()).rejects.toThrow();
        await giveUp(stage);
        expect(await finishPublishing(stage.journalFolder)).toEqual({
          files: 5,
          bytes: 5,
          into: stage.destination,
          names: ['a', 'b.txt', 'f', 'g', 'h', 'z'],
          renamed: [],
          renamedCount: 0,
          skipped: [],
          skippedCount: 0,
          grown: { listed: [], count: 0 },
        });
        // Asked once more it says the same.
        expect(await finishPublishing(stage.journalFolder)).toMatchObject({ files: 5 });
        await discardJournaled(stage.journalFolder);
        expect(picture(stage.destination)).toEqual(CONTENT);
        expect(readdirSync(stage.journalFolder)).toEqual([]);
      },
    );
  }

  it('is given up where it cannot be brought to its end: what is shown stays, the rest goes', async () => {
    const stage = await whole(crashing('link', 2, 'before'));
    await expect(stage.publish()).rejects.toThrow();
    await stage.kill();
    rmSync(stage.tree('f'), { recursive: true });
    symlinkSync('/', stage.tree('f'));
    expect(await finishPublishing(stage.journalFolder)).toBeNull();
    await discardJournaled(stage.journalFolder);
    expect(picture(stage.destination)).toEqual({ a: 'a', 'b.txt': 'b' });
    expect(readdirSync(stage.journalFolder)).toEqual([]);
  });

  it('is not what a transfer is given up in that was not whole: nothing of it is shown', async () => {
    const stage = new Stage(join(newFolder(), 'in'));
    stage.connect();
    await stage.play(file('a', 'a'));
    await stage.cut();
    expect(await finishPublishing(stage.journalFolder)).toBeNull();
    await discardUnpublished(stage.journalFolder);
    expect(existsSync(stage.destination)).toBe(false);
    expect(readdirSync(stage.journalFolder)).toEqual([]);
    expect(await finishPublishing(stage.journalFolder)).toBeNull();
  });

  it.each<readonly [string, (stage: Stage, outside: string) => void]>([
    [
      'the tree',
      (stage, outside) => {
        swap(stage.tree(), outside);
      },
    ],
    [
      'a folder in it',
      (stage, outside) => {
        swap(stage.tree('f'), outside);
      },
    ],
  ])('notices that %s is a link by now', async (_what, change) => {
    const stage = await whole(crashing('link', 2, 'before'));
    await expect(stage.publish()).rejects.toThrow();
    await stage.kill();
    stage.disk = nodeDisk;
    const outside = newFolder();
    lay(outside, { x: 'precious' });
    change(stage, outside);
    const code = await codeOf(async () => {
      stage.connect();
      await stage.play(finish(stage.reception));
      await stage.publish();
    });
    expect(code).toBe('destination-changed');
    expect(picture(outside)).toEqual({ x: 'precious' });
  });

  it('begins anew when what was left of it is gone', async () => {
    const stage = await whole(crashing('link', 2, 'before'));
    await expect(stage.publish()).rejects.toThrow();
    await stage.kill();
    rmSync(stage.stagingFolder, { recursive: true });
    expect(stage.connect()).toEqual({ entry: 0, offset: 0 });
  });
});

describe('a full disk', () => {
  it('while publishing: what is shown is whole, and the rest follows when there is room', async () => {
    let isFull = true;
    const disk: Disk = {
      ...nodeDisk,
      link: (from, to) => {
        if (isFull && to.endsWith('b.txt')) throw systemError('ENOSPC');
        nodeDisk.link(from, to);
      },
      rename: (from, to) => {
        if (isFull) throw systemError('ENOSPC');
        nodeDisk.rename(from, to);
      },
    };
    const stage = await whole(disk);
    expect(await codeOf(() => stage.publish())).toBe('no-space');
    expect(Object.keys(picture(stage.destination)).filter((path) => !path.startsWith('.'))).toEqual(['a']);
    isFull = false;
    expect(await comeBack(stage)).toEqual(['a', 'b.txt', 'f', 'g', 'h', 'z']);
    expect(picture(stage.destination)).toEqual(CONTENT);
  });

  it.each(['write', 'sync'] as const)(
    'at a %s: it goes on from the last checkpoint when there is room',
    async (call) => {
      let isFull = false;
      const fail = (): never => {
        throw systemError('ENOSPC');
      };
      const disk: Disk = {
        ...nodeDisk,
        write: (fd, bytes) =>
          isFull && call === 'write' ? fail() : nodeDisk.write(fd, bytes.subarray(0, 3)),
        sync: (fd) => (isFull && call === 'sync' ? Promise.reject(systemError('EDQUOT')) : nodeDisk.sync(fd)),
      };
      const stage = new Stage(join(newFolder(), 'in'));
      stage.disk = disk;
      stage.connect();
      await stage.play(folder('f'), file('f/a', 'whole'), file('f/b', 'b'));
      const safe = await stage.reconnect();
      isFull = true;
      const code = await codeOf(async () => {
        await stage.play(file('f/c', 'half of it'));
        await stage.play(finish(stage.reception));
        await stage.publish();
      });
      expect(code).toBe('no-space');
      await stage.cut();
      expect(readdirSync(stage.destination)).toHaveLength(1);
      isFull = false;
      expect(stage.connect()).toEqual(safe);
      expect(picture(stage.tree())).toEqual({ f: '/', 'f/a': 'whole', 'f/b': 'b' });
      await stage.play(file('f/c', 'all of it'));
      await stage.play(finish(stage.reception));
      await stage.publish();
      expect(picture(stage.destination)).toEqual({ f: '/', 'f/a': 'whole', 'f/b': 'b', 'f/c': 'all of it' });
    },
  );

  it('where the journal is, too', async () => {
    // Lists and journal are written past the disk that the tests can fill: a folder in the place of a file does as well.
    const stage = new Stage();
    mkdirSync(join(stage.journalFolder, 'entries'));
    expect(await codeOf(() => stage.connect())).toBe('profile-unusable');
    expect(readdirSync(stage.destination)).toEqual([]);
    rmSync(join(stage.journalFolder, 'entries'), { recursive: true });
    mkdirSync(join(stage.journalFolder, 'journal'));
    expect(await codeOf(() => stage.connect())).toBe('profile-unusable');
    expect(readdirSync(stage.destination)).toEqual([]);
  });
});

function swap(path: string, target: string): void {
  if (statSync(path).isDirectory()) rmSync(path, { recursive: true });
  else unlinkSync(path);
  symlinkSync(target, path);
}
