import { lchownSync, lstatSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SourceFile } from '../../../../src-main/engine/content/source-file.ts';
import type { WrittenEntry } from '../../../../src-main/engine/files/manifest-record.ts';
import { PLACES, realPlaces } from '../../../../src-main/engine/files/real-place.ts';
import type { RealPlaces } from '../../../../src-main/engine/files/real-place.ts';
import { scan, scanAgain } from '../../../../src-main/engine/files/scan.ts';
import { betweenCalls } from '../../../support/between-calls.ts';
import { codeOf, lay, newFolder } from './world.ts';

/**
 * Another user owns the folder in which what the user chose to send lies, or one above it, and puts a link there in its place, between any
 * two calls, as a rename that exchanges two names does. Whose a link is only root can set.
 */

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** What is chosen, what the other user exchanges in the folder that is his, and whether what is chosen is a link of this user's. */
interface Choice {
  readonly chosen: string;
  readonly his: string;
  readonly mine: string;
}

const CHOICES: Readonly<Record<string, Choice>> = {
  'the folder itself': { chosen: 'shared/docs', his: 'evil', mine: 'docs' },
  'the file itself': { chosen: 'shared/note', his: 'evil-file', mine: 'note' },
  'a folder above it': { chosen: 'shared/docs/inner', his: 'evil', mine: 'docs' },
  'a link of the user’s own': { chosen: 'shared/link', his: 'evil', mine: 'link' },
  'a link of the user’s own above it': { chosen: 'shared/link/inner', his: 'evil', mine: 'link' },
};

interface Scene {
  readonly path: string;
  readonly prey: ReadonlySet<bigint>;
  readonly exchange: () => void;
}

function scene({ chosen, his, mine }: Choice): Scene {
  const world = newFolder();
  lay(world, {
    'shared/docs/a': 'harmless',
    'shared/docs/inner/b': 'harmless',
    'shared/note': 'harmless',
    'private/a': 'PRIVATE',
    'private/inner/b': 'PRIVATE',
    'private/inner/only-private': 'PRIVATE',
    'private/only-private': 'PRIVATE',
  });
  const shared = join(world, 'shared');
  for (const [name, target] of [
    ['evil', join(world, 'private')],
    ['evil-file', join(world, 'private', 'a')],
  ] as const) {
    symlinkSync(target, join(shared, name));
    lchownSync(join(shared, name), NOBODY, NOBODY);
  }
  symlinkSync('docs', join(shared, 'link'));
  const closed = join(world, 'private');
  const names = readdirSync(closed, { recursive: true, encoding: 'utf8' });
  return {
    path: join(world, chosen),
    prey: new Set(['', ...names].map((name) => lstatSync(join(closed, name), { bigint: true }).ino)),
    exchange: () => {
      const move = (from: string, to: string): void => {
        renameSync(join(shared, from), join(shared, to));
      };
      move(mine, 'aside');
      move(his, mine);
      move('aside', his);
    },
  };
}

interface Sent {
  readonly outcome: string;
  readonly listed: readonly string[];
  readonly inodes: readonly bigint[];
  readonly contents: readonly string[];
}

/** Walks, looks for what came later, and opens and reads what is listed; `onCall` is called before each call of the file system. */
function send(path: string, places: RealPlaces, onCall: () => void): Sent {
  const entries: WrittenEntry[] = [];
  const sink = { append: (entry: WrittenEntry) => entries.push(entry) };
  const contents: string[] = [];
  const options = { isCancelled: () => false, places };
  const work = (): void => {
    scan([path], sink, { ...options, onProgress: () => undefined });
    const files = entries.filter((entry) => entry.kind === 'file');
    const listed = new Set(entries.map((entry) => entry.path.join('/')));
    scanAgain([path], sink, { ...options, isListed: (_kind, names) => listed.has(names.join('/')) });
    for (const entry of files) {
      const file = SourceFile.open(entry, 0, places);
      if (!(file instanceof SourceFile)) continue;
      const bytes = Buffer.alloc(file.rest);
      expect(file.read(bytes)).toBeUndefined();
      contents.push(bytes.toString());
      file.close();
    }
  };
  const outcome = codeOf(() => {
    betweenCalls(onCall, work);
  });
  return {
    outcome,
    listed: entries.map((entry) => entry.path.join('/')),
    inodes: entries.flatMap((entry) => (entry.kind === 'file' ? [entry.inode] : [])),
    contents,
  };
}

/** Nothing of what is private is listed or read, and the user is told what went wrong, if it did. */
function expectNothingOf(prey: ReadonlySet<bigint>, { outcome, listed, inodes, contents }: Sent): void {
  expect(listed.filter((path) => path.includes('only-private'))).toEqual([]);
  expect(inodes.filter((inode) => prey.has(inode))).toEqual([]);
  expect(contents.filter((text) => text !== 'harmless')).toEqual([]);
  expect(['nothing thrown', 'source-foreign-link', 'nothing-to-send', 'source-missing']).toContain(outcome);
}

/** Sends again and again, and exchanges before each call for which `isTime` says so; puts everything back in between. */
function tries(choice: Choice, places: RealPlaces) {
  const { path, prey, exchange } = scene(choice);
  return (isTime: (call: number) => boolean): { readonly sent: Sent; readonly calls: number } => {
    let calls = 0;
    let turns = 0;
    const sent = send(path, places, () => {
      calls += 1;
      if (!isTime(calls)) return;
      turns += 1;
      exchange();
    });
    if (turns % 2 === 1) exchange();
    expectNothingOf(prey, sent);
    return { sent, calls };
  };
}

describe.runIf(isRoot)(
  'another user who owns a folder on the way to what is chosen',
  { timeout: 120_000 },
  () => {
    const ways = process.platform === 'linux' ? PLACES : { other: PLACES.other };
    for (const [system, places] of Object.entries(ways)) {
      it.each(Object.entries(CHOICES))(
        `and puts a link in the place of %s, at whichever call, has nothing listed or read that it leads to (${system})`,
        (_what, choice) => {
          const attempt = tries(choice, places);
          const { sent, calls } = attempt(() => false);
          expect([sent.outcome, new Set(sent.contents)]).toEqual(['nothing thrown', new Set(['harmless'])]);
          const outcomes = new Set<string>();
          for (let at = calls; at > 0; at -= 1) outcomes.add(attempt((call) => call === at).sent.outcome);
          expect(outcomes).toContain('source-foreign-link');
        },
      );
    }

    it.runIf(realPlaces.byDescriptor).each(Object.entries(CHOICES))(
      'and puts a link in the place of %s and takes it back soon after, has nothing listed or read that it leads to where paths lead through descriptors',
      (_what, choice) => {
        const attempt = tries(choice, realPlaces);
        const { calls } = attempt(() => false);
        for (let at = 1; at < calls; at += 1) {
          for (const until of [at + 1, at + 2]) attempt((call) => call === at || call === until);
        }
      },
    );

    it('and goes on exchanging, has nothing listed or read that his link leads to', () => {
      for (const choice of Object.values(CHOICES)) {
        const attempt = tries(choice, realPlaces);
        for (const every of [1, 2, 3, 5]) {
          for (const first of [0, 1, 2]) attempt((call) => (call + first) % every === 0);
        }
      }
    });
  },
);
