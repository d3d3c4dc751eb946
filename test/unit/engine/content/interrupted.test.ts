import fc from 'fast-check';
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ReceiveSummary } from '../../../../src-main/engine/content/contract.ts';
import type { ContentRecord } from '../../../../src-main/engine/content/records.ts';
import { nodeDisk } from '../../../../src-main/engine/files/disk.ts';
import { refusingNames } from '../../../support/refusing-disk.ts';
import { picture, systemError } from '../files/world.ts';
import { END, FAIL, Stage, data, entry, finish, folder, skip, superseded } from './play.ts';

/** One entry of a transfer: what is said of it. `again` is a number that is made to fit. */
interface Said {
  readonly what: 'file' | 'failing' | 'folder' | 'skip' | 'superseded';
  readonly path: string;
  readonly content: string;
  readonly again: number | null;
}

/** How a connection ends: cut, with everything kept; killed; or killed just before newer versions took their places. */
type End = 'cut' | 'kill' | 'cut before moves';

interface Interruption {
  /** After so many records of the connection. */
  readonly after: number;
  readonly end: End;
}

const said: fc.Arbitrary<Said> = fc.record({
  what: fc.constantFrom('file', 'file', 'file', 'file', 'failing', 'folder', 'skip', 'superseded'),
  path: fc.constantFrom(
    't/a',
    't/b',
    't/b/c',
    't/b/d/e',
    't/x\u0001',
    't/x\u0002',
    't/x_',
    't/NUL',
    't/b (2)',
  ),
  content: fc.constantFrom('', 'x', 'some text', 'another text', 'much more of a text than that'),
  again: fc.option(fc.nat({ max: 20 }), { freq: 2 }),
});
const interruption: fc.Arbitrary<Interruption> = fc.record({
  after: fc.nat({ max: 25 }),
  end: fc.constantFrom('cut', 'cut', 'kill', 'cut before moves'),
});

/** The first entries of files, which alone may be said again; and that no file ends where a folder is to be is of no matter. */
function fit(script: readonly Said[]): Said[] {
  const firsts: number[] = [];
  return withFolders(script).map((each, index) => {
    const again = each.what === 'file' || each.what === 'failing' ? each.again : null;
    const first = again === null || firsts.length === 0 ? undefined : firsts[again % firsts.length];
    if (first === undefined && each.what !== 'folder' && each.what !== 'skip') firsts.push(index);
    const path = first === undefined ? each.path : (withFolders(script)[first]?.path ?? each.path);
    return { ...each, path, again: first ?? null };
  });
}

/** Each folder before what is in it, as senders say it: once more where something else has come between. */
function withFolders(script: readonly Said[]): Said[] {
  let open: readonly string[] = [];
  return script.flatMap((each) => {
    const names = each.path.split('/');
    const parents = names.slice(0, -1);
    const known = parents.findIndex((name, at) => name !== open[at]);
    const missing = known === -1 ? [] : parents.slice(known);
    const folders = missing.map((_, at): Said => {
      const path = parents.slice(0, known + at + 1).join('/');
      return { what: 'folder', path, content: '', again: null };
    });
    if (each.what === 'skip') return [each];
    open = each.what === 'folder' ? names : parents;
    return [...folders, each];
  });
}

/** The records of one entry from an offset on. */
function recordsOf({ what, path, content, again }: Said, offset: number): ContentRecord[] {
  const half = Math.ceil(content.length / 2);
  const pieces = [content.slice(0, half), content.slice(half)].map((piece, n) =>
    piece.slice(Math.max(0, offset - n * half)),
  );
  const beginning = entry(path, content.length, again ?? undefined);
  const all = pieces.filter((piece) => piece !== '').map((piece) => data(piece));
  switch (what) {
    case 'file':
      return [beginning, ...all, END];
    case 'failing':
      return [beginning, ...all.slice(0, 1), FAIL];
    case 'folder':
      return [folder(path)];
    case 'skip':
      return [skip(path)];
    case 'superseded':
      return [superseded(path)];
    default:
      throw new Error(what satisfies never);
  }
}

/** Sends everything, over as many connections as there are interruptions and one more. */
async function send(
  script: readonly Said[],
  interruptions: readonly Interruption[],
): Promise<{ picture: Record<string, string>; summary: ReceiveSummary }> {
  const stage = new Stage();
  let isFailing = false;
  stage.disk = {
    ...refusingNames(/^NUL/),
    // Nothing is to survive a power cut here.
    sync: () => Promise.resolve(),
    rename: (from, to) => {
      if (isFailing) throw systemError('EIO');
      nodeDisk.rename(from, to);
    },
  };
  for (const { after, end } of [...interruptions, { after: Infinity, end: 'cut' as const }]) {
    isFailing = false;
    const from = stage.connect();
    isFailing = end === 'cut before moves';
    const rest = script
      .slice(from.entry)
      .flatMap((each, index) => recordsOf(each, index === 0 ? from.offset : 0));
    try {
      await stage.play(rest.slice(0, after));
    } catch (error) {
      // A checkpoint failed in the middle.
      if (end !== 'cut before moves') throw error;
    }
    if (after !== Infinity) await (end === 'kill' ? stage.kill() : stage.cut());
  }
  await stage.play(finish(stage.reception));
  const summary = { ...(await stage.publish()), into: '' };
  const result = { picture: picture(stage.destination), summary };
  for (const path of [stage.destination, stage.journalFolder]) rmSync(path, { recursive: true });
  return result;
}

describe('a transfer that is interrupted anywhere', { timeout: 240_000 }, () => {
  it('ends as one that never was', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(said, { minLength: 1, maxLength: 14 }),
        fc.array(interruption, { minLength: 1, maxLength: 4 }),
        async (unfit, interruptions) => {
          const script = fit(unfit);
          expect(await send(script, interruptions)).toEqual(await send(script, []));
        },
      ),
      { numRuns: 200, seed: 20_261_124 },
    );
  });
});
