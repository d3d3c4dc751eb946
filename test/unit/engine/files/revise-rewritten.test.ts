import { rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Revision, Rewritten } from '../../../../src-main/engine/content/contract.ts';
import { maxGrown } from '../../../../src-main/engine/files/agreed-bounds.ts';
import { ManifestWriter, readManifest } from '../../../../src-main/engine/files/manifest.ts';
import { revise } from '../../../../src-main/engine/files/revise.ts';
import { RewrittenFiles } from '../../../../src-main/engine/files/rewritten-files.ts';
import { scan } from '../../../../src-main/engine/files/scan.ts';
import { fileEntry } from '../../../../src-main/engine/files/source.ts';
import { realPlaces } from '../../../../src-main/engine/files/real-place.ts';
import { lay, newFolder } from './world.ts';

const LONG_AGO = 1_600_000_000;

const TOTALS = { files: 3, bytes: 9, firstFiles: 3, firstBytes: 9, lastBytes: 9 };

/** Walks a folder with three files, the entries 1, 2 and 3. */
function walked(): { readonly top: string; readonly manifest: string } {
  const top = join(newFolder(), 'top');
  lay(top, { a: 'aaa', b: 'bbb', c: 'ccc' });
  for (const name of ['a', 'b', 'c']) utimesSync(join(top, name), LONG_AGO, LONG_AGO);
  const manifest = join(newFolder(), 'manifest');
  const writer = new ManifestWriter(manifest);
  scan([top], writer, { onProgress: () => undefined, isCancelled: () => false });
  writer.close();
  return { top, manifest };
}

function run(manifest: string, entries: readonly number[], more: Partial<Rewritten> = {}): Revision {
  const rewritten = { entries: Uint32Array.from(entries), grown: new Uint32Array(), totals: TOTALS, ...more };
  return revise(manifest, { isCancelled: () => false, rewritten });
}

/** The paths of what is to be sent, each with its size, in order. */
function toSend(manifest: string): string[] {
  return [...readManifest(manifest)].flatMap((entry) =>
    entry.kind === 'file' ? [`${entry.path.join('/')} ${String(entry.size)}`] : [],
  );
}

describe('a revision for files that were rewritten while they were sent', () => {
  it('says these once more as they are now, and looks at no others', () => {
    const { top, manifest } = walked();
    writeFileSync(join(top, 'a'), 'another one');
    writeFileSync(join(top, 'b'), 'b, as it is now');
    expect(run(manifest, [2])).toMatchObject({ resent: ['top/b'], resentCount: 1, files: 4, bytes: 24 });
    expect(toSend(manifest)).toEqual(['top/a 3', 'top/c 3', 'top/b 15']);
  });

  it('says one once more that looks as it was listed: that it was rewritten is known', () => {
    const { manifest } = walked();
    expect(run(manifest, [3])).toMatchObject({ resent: ['top/c'], resentCount: 1 });
    expect(toSend(manifest)).toEqual(['top/a 3', 'top/b 3', 'top/c 3']);
  });

  it('leaves one that is gone as it was listed, and does not count it as sent once more', () => {
    const { top, manifest } = walked();
    truncateSync(join(top, 'b'), 1);
    expect(run(manifest, [2]).resentCount).toBe(1);
    rmSync(join(top, 'b'));
    expect(run(manifest, [4])).toMatchObject({ resent: [], resentCount: 0, entries: 5 });
  });

  it('tells again which had grown, without looking at them', () => {
    const { top, manifest } = walked();
    rmSync(join(top, 'a'));
    const told: number[] = [];
    const revision = revise(manifest, {
      isCancelled: () => false,
      rewritten: { entries: Uint32Array.of(2), grown: Uint32Array.of(1), totals: TOTALS },
      onGrown: (entry) => told.push(entry),
    });
    expect(revision.grown).toEqual({ listed: ['top/a'], count: 1 });
    expect(told).toEqual([1]);
  });

  it('leaves out what has become larger than a receiver takes, and says the others', () => {
    const { top, manifest } = walked();
    truncateSync(join(top, 'a'), maxGrown(9) - 5);
    writeFileSync(join(top, 'b'), 'b, as it is now');
    expect(run(manifest, [1, 2])).toMatchObject({ resent: ['top/b'], resentCount: 1 });
  });
});

describe('how much of what was rewritten a receiver takes', () => {
  const file = (size: number) => {
    const { top } = walked();
    const stats = realPlaces.statsAt(join(top, 'a')) ?? expect.fail('no file');
    return { ...fileEntry(['top', 'a'], { source: join(top, 'a'), stats }), size };
  };
  const files = (totals: Partial<Rewritten['totals']>) =>
    new RewrittenFiles({
      entries: new Uint32Array(),
      grown: new Uint32Array(),
      totals: { ...TOTALS, ...totals },
    });

  it('is eight times as many files as were agreed to', () => {
    const taken = files({ files: 22 });
    expect([1, 2, 3].map(() => taken.take(file(3), file(3)))).toEqual([true, true, false]);
  });

  it('is eight times as many bytes as may be there in the end', () => {
    const taken = files({ bytes: maxGrown(9) * 8 - 3 });
    expect([4, 3, 1].map((size) => taken.take(file(3), file(size)))).toEqual([false, true, false]);
  });

  it('is what may be there in the end, each file counted in its newest version', () => {
    const most = maxGrown(9);
    const taken = files({});
    expect([most - 5, most - 6, most - 6].map((size) => taken.take(file(3), file(size)))).toEqual([
      false,
      true,
      false,
    ]);
    expect(taken.take(file(most - 6), file(most - 6))).toBe(true);
  });
});
