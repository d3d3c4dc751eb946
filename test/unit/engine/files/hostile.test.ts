import fc from 'fast-check';
import { existsSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SealaneError } from '../../../../shared/errors.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import { openStaging } from '../../../../src-main/engine/files/open-staging.ts';
import type { Staging } from '../../../../src-main/engine/files/staging.ts';
import {
  NOTHING_OFFERED,
  PLAIN,
  STAGING_NAME,
  codeOf,
  lay,
  names,
  newFolder,
  picture,
  put,
  stage,
  publish,
} from './world.ts';

/** A destination with neighbours, all of which must stay as they are. */
function surroundings(): { readonly world: string; readonly dest: string; readonly unchanged: () => void } {
  const world = newFolder();
  lay(world, {
    'dest/mine': 'mine',
    'dest/a/mine': 'mine',
    'outside/a/precious': 'precious',
    'outside/x': 'x',
    x: 'x',
  });
  const before = picture(world);
  const unchanged = (): void => {
    const now = Object.entries(picture(world)).filter(([path]) => !path.startsWith(`dest/${STAGING_NAME}`));
    expect(Object.fromEntries(now)).toEqual(before);
  };
  return { world, dest: join(world, 'dest'), unchanged };
}

const tree = (dest: string, ...names: readonly string[]): string =>
  join(dest, STAGING_NAME, 'tree', ...names);

describe('a hostile sender', () => {
  it.each<readonly [string, readonly string[]]>([
    ['CVE-2023-43619 (croc): ..', ['..', 'x']],
    ['CVE-2023-43619 (croc): .. in one component', ['../x']],
    ['CVE-2025-27142 (LocalSend): .. in the middle', ['a', '..', '..', '..', 'x']],
    ['CVE-2025-27142 (LocalSend): .. in the middle of one component', ['a/../../../x']],
    ['CVE-2026-32116 (magic-wormhole): a name with folders', ['/x']],
    ['CVE-2026-42448 (magic-wormhole): the same below a folder', ['a', '/x']],
    ['CVE-2026-66050 (NitroShare): an absolute path', ['', 'etc', 'x']],
    ['CVE-2022-42725 (Warpinator): a path up from the top folder', ['a', '../../x']],
    ['a NUL', ['x\0.txt']],
    ['a dot', ['.', 'x']],
    ['nothing', []],
  ])('cannot leave the staging folder: %s', (_what, path) => {
    const { dest, unchanged } = surroundings();
    const staging = stage(dest);
    expect(codeOf(() => put(staging, path, 'evil'))).toBe('name-refused');
    expect(codeOf(() => staging.makeFolder(path, PLAIN))).toBe('name-refused');
    expect(readdirSync(tree(dest))).toEqual([]);
    unchanged();
  });

  it.each([
    [
      'CVE-2023-43620 (croc), CVE-2019-6109 (scp): terminal escapes',
      'a\u001b[2J\u001b]0;x\u0007',
      'a_[2J_]0;x_',
    ],
    ['magic-wormhole #476: a line of its own', 'x\r\nDone: y', 'x__Done: y'],
    ['an extension turned round', 'photo\u202egpj.exe', 'photo_gpj.exe'],
  ])('cannot mislead who lists the folder: %s', (_what, name, onDisk) => {
    const { dest } = surroundings();
    const staging = stage(dest);
    put(staging, [name], 'x');
    expect(readdirSync(tree(dest))).toEqual([onDisk]);
  });

  it('CVE-2022-46165 (Syncthing), CVE-2026-25154 (LocalSend): may put script into a name, which stays a name', () => {
    const { dest } = surroundings();
    const staging = stage(dest);
    expect(put(staging, ['<img src=x onerror=alert(1)>'], 'x')).toBeUndefined();
    expect(readdirSync(tree(dest))).toEqual(['<img src=x onerror=alert(1)>']);
  });
});

describe('CVE-2017-1000420 (Syncthing), CVE-2024-12087 and -12088 (rsync), croc 2026: a link in the way', () => {
  it.each<readonly [string, (dest: string, world: string) => void]>([
    [
      'the folder itself',
      (dest, world) => {
        renameSync(tree(dest, 'a', 'b'), join(dest, STAGING_NAME, 'away'));
        symlinkSync(join(world, 'outside'), tree(dest, 'a', 'b'));
      },
    ],
    [
      'a folder above, to one with the same names',
      (dest, world) => {
        rmSync(tree(dest, 'a'), { recursive: true });
        symlinkSync(join(world, 'outside'), tree(dest, 'a'));
      },
    ],
    [
      'a folder above, to where it was moved',
      (dest) => {
        renameSync(tree(dest, 'a'), join(dest, STAGING_NAME, 'away'));
        symlinkSync(join(dest, STAGING_NAME, 'away'), tree(dest, 'a'));
      },
    ],
    [
      'the tree',
      (dest, world) => {
        renameSync(tree(dest), join(dest, STAGING_NAME, 'away'));
        symlinkSync(join(world, 'outside'), tree(dest));
      },
    ],
    [
      'the staging folder',
      (dest, world) => {
        renameSync(join(dest, STAGING_NAME), join(dest, `${STAGING_NAME}-away`));
        symlinkSync(join(world, 'outside'), join(dest, STAGING_NAME));
      },
    ],
    [
      'the staging folder, to where it was moved',
      (dest) => {
        renameSync(join(dest, STAGING_NAME), join(dest, `${STAGING_NAME}-away`));
        symlinkSync(`${STAGING_NAME}-away`, join(dest, STAGING_NAME));
      },
    ],
    [
      'another folder in its place',
      (dest) => {
        renameSync(tree(dest, 'a', 'b'), join(dest, STAGING_NAME, 'away'));
        lay(dest, { [`${STAGING_NAME}/tree/a/b/`]: '' });
      },
    ],
  ])('is noticed between two files: %s', (_what, swap) => {
    const { world, dest, unchanged } = surroundings();
    lay(world, { 'outside/b/': '', 'outside/tree/a/b/': '' });
    const before = picture(join(world, 'outside'));
    const staging = stage(dest);
    put(staging, ['a', 'b', 'first'], '1');
    swap(dest, world);
    expect(codeOf(() => put(staging, ['a', 'b', 'second'], '2'))).toBe('destination-changed');
    expect(codeOf(() => staging.makeFolder(['a', 'b', 'c'], PLAIN))).toBe('destination-changed');
    staging.discard();
    expect(picture(join(world, 'outside'))).toEqual(before);
    rmSync(join(world, 'outside', 'b'), { recursive: true });
    rmSync(join(world, 'outside', 'tree'), { recursive: true });
    unchanged();
  });

  it('is noticed where a folder is yet to be entered', () => {
    const { world, dest, unchanged } = surroundings();
    const staging = stage(dest);
    put(staging, ['a', 'x'], '1');
    symlinkSync(join(world, 'outside'), tree(dest, 'link'));
    expect(codeOf(() => put(staging, ['link', 'x'], '2'))).toBe('destination-changed');
    unchanged();
  });

  it('under the name of a new file is left alone', () => {
    const { world, dest, unchanged } = surroundings();
    const staging = stage(dest);
    put(staging, ['a', 'x'], '1');
    symlinkSync(join(world, 'outside', 'x'), tree(dest, 'a', 'link'));
    symlinkSync(join(world, 'outside', 'new'), tree(dest, 'a', 'dangling'));
    put(staging, ['a', 'link'], '2');
    put(staging, ['a', 'dangling'], '3');
    expect(readdirSync(tree(dest, 'a')).sort()).toEqual([
      'dangling',
      'dangling (2)',
      'link',
      'link (2)',
      'x',
    ]);
    unchanged();
  });
});

describe('whatever a peer sends', () => {
  const nasty = fc.constantFrom(
    '..',
    '.',
    '',
    '/',
    '\\',
    '../x',
    'a/../../x',
    '..\\x',
    '/etc',
    '\\\\server\\share',
    'C:',
    'C:\\x',
    'c:x',
    'a: b',
    'CON',
    'aux.c',
    'NUL ',
    'com1.txt',
    'a\0b',
    '\0',
    'a\u202eb',
    '\u001b[2J',
    'a.',
    'a ',
    '...',
    '~',
    '-rf',
    '*',
    'x'.repeat(255),
    'x'.repeat(256),
    'é'.repeat(127),
    '\ud800',
    'A',
    'a',
    'Á',
    'A\u0301',
    STAGING_NAME,
    'tree',
    'folders',
    'mine',
    'outside',
    '%2e%2e',
    '．．',
    '‥',
    '∕',
  );
  const component = fc.oneof(
    { weight: 3, arbitrary: nasty },
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ maxLength: 4 }),
  );
  const path = fc.oneof(
    fc.array(component, { maxLength: 6 }),
    fc.array(fc.constantFrom('a', 'b', 'A'), { minLength: 1, maxLength: 4 }),
  );
  const step = fc.record({ act: fc.constantFrom('file', 'folder'), path, finish: fc.boolean() });
  /** After this step, a link to the outside is put where the folder with this number is. */
  const swap = fc.option(fc.record({ after: fc.nat({ max: 8 }), which: fc.nat({ max: 5 }) }), { freq: 2 });

  /** Every step by itself: a hostile peer goes on after a refusal, if we let it. */
  function attempt(
    staging: Staging,
    { act, path, finish }: { act: string; path: readonly string[]; finish: boolean },
  ): void {
    try {
      if (act === 'folder') {
        staging.makeFolder(path, PLAIN);
        return;
      }
      const file = staging.createFile(path, { ...PLAIN, size: 4 });
      if ('skipped' in file) return;
      file.write(Buffer.from('evil'));
      if (finish) file.finish();
      else file.abandon();
    } catch (error) {
      // Refused by name and never by accident.
      if (!(error instanceof SealaneError) || error.code === 'internal') throw error;
      expect(['name-refused', 'destination-changed']).toContain(error.code);
    }
  }

  function putLink(dest: string, outside: string, which: number): void {
    const folders = Object.entries(picture(tree(dest))).filter(([, what]) => what === '/');
    const chosen = folders[which % Math.max(1, folders.length)]?.[0];
    if (chosen === undefined) return;
    rmSync(tree(dest, chosen), { recursive: true });
    symlinkSync(outside, tree(dest, chosen));
  }

  it(
    'nothing outside the staging folder changes, and publishing overwrites nothing',
    { timeout: 180_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 9 }), swap, async (steps, swap) => {
          const { world, dest, unchanged } = surroundings();
          const staging = openStaging({
            destination: dest,
            offered: NOTHING_OFFERED,
            journalFolder: newFolder(),
            disk: nodeDisk,
            newName: names(),
            onIntent: () => undefined,
          });
          for (const [index, next] of steps.entries()) {
            attempt(staging, next);
            if (swap?.after === index) putLink(dest, join(world, 'outside'), swap.which);
          }
          unchanged();
          const before = picture(dest);
          const published = await publish(staging).then(
            ({ names }) => names,
            (error: unknown) => {
              if (error instanceof SealaneError && error.code === 'destination-changed') return null;
              throw error;
            },
          );
          staging.discard();
          expect(existsSync(join(dest, STAGING_NAME))).toBe(false);
          for (const [at, what] of Object.entries(before)) {
            if (!at.startsWith(STAGING_NAME)) expect(picture(dest)[at]).toBe(what);
          }
          const after = Object.keys(picture(world))
            .filter((at) => !at.startsWith('dest/'))
            .sort();
          expect(after).toEqual(['dest', 'outside', 'outside/a', 'outside/a/precious', 'outside/x', 'x']);
          if (published !== null) {
            for (const name of published) expect(existsSync(join(dest, name))).toBe(true);
          }
          rmSync(world, { recursive: true });
        }),
        { numRuns: 150 },
      );
    },
  );
});
