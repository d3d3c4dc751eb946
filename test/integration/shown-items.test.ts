import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChunkWriter } from '../../src-main/engine/content/chunk-writer.ts';
import { Bench, acceptOffer, endOf, offerTo } from '../support/engines.ts';
import { victimAndHostile } from '../support/hostile-device.ts';
import { HostileTransfer, data, fileEntry } from '../support/hostile-sender.ts';
import type { RawOffer } from '../support/hostile-sender.ts';
import { offerBody } from '../support/offers.ts';
import { namesIn } from '../support/tree.ts';

/** The items that an offer shows, and what it counts beside them: each item comes, and the marks are those of what they stand at. */

const bench = new Bench();
afterEach(() => bench.dispose());

/** Files of ten bytes, whole. */
function files(writer: ChunkWriter, ...paths: readonly string[]): void {
  for (const path of paths) {
    writer.entry(fileEntry(path.split('/'), 10));
    data(writer, Buffer.alloc(10, 'x'));
    writer.end();
  }
}

function folder(writer: ChunkWriter, ...path: string[]): void {
  writer.entry({ kind: 'folder', path, mtimeUs: 0 });
}

/** A program at the top, and a folder of which nothing is counted as one. */
const contract: RawOffer = {
  items: [
    { name: 'contract.pdf', kind: 'file', program: true },
    { name: 'Holiday', kind: 'folder', program: false },
  ],
  itemCount: 2,
  files: 2,
  folders: 1,
  bytes: 20,
  hidden: 0,
  programs: 1,
};

const shownNames = Array.from({ length: 16 }, (_, n) => `f${String(n)}`);
/** More than can be shown. */
const many = offerBody(shownNames, { files: 18, folders: 0, bytes: 180 }, { itemCount: 18 });

describe('the items of an offer', () => {
  const lies: readonly (readonly [string, RawOffer, (writer: ChunkWriter) => void])[] = [
    [
      'without the first one, and with a program in a folder instead',
      contract,
      (writer) => {
        folder(writer, 'Holiday');
        files(writer, 'Holiday/evil.exe', 'Holiday/b.txt');
        writer.finish({ files: 2, bytes: 20, skippedCount: 0 });
      },
    ],
    [
      'with a program in a folder where one beside it was shown as one',
      contract,
      (writer) => {
        files(writer, 'contract.pdf');
        folder(writer, 'Holiday');
        files(writer, 'Holiday/evil.exe');
        writer.finish({ files: 2, bytes: 20, skippedCount: 0 });
      },
    ],
    [
      'with a program in a folder where what was shown as one is said to be missing',
      contract,
      (writer) => {
        writer.missing({ path: ['contract.pdf'], executable: false }, 'vanished');
        folder(writer, 'Holiday');
        files(writer, 'Holiday/evil.exe');
        writer.finish({ files: 1, bytes: 10, skippedCount: 1 });
      },
    ],
    [
      'with one under a name that was shown, once more, where others were only counted',
      many,
      (writer) => {
        files(writer, ...shownNames, 'f0', 'f1');
        writer.finish({ files: 18, bytes: 180, skippedCount: 0 });
      },
    ],
    [
      'without the last one that was shown, as many files as there are',
      offerBody(
        ['a', 'b', 'c'],
        { files: 3, folders: 1, bytes: 30 },
        {
          items: [
            { name: 'a', kind: 'folder', program: false },
            { name: 'b', kind: 'file', program: false },
            { name: 'c', kind: 'file', program: false },
          ],
        },
      ),
      (writer) => {
        folder(writer, 'a');
        files(writer, 'a/1', 'a/2', 'b');
        writer.finish({ files: 3, bytes: 30, skippedCount: 0 });
      },
    ],
    [
      'without one of those that were only counted',
      {
        ...many,
        files: 17,
        folders: 1,
        bytes: 170,
        items: [...many.items.slice(1), { name: 'z', kind: 'folder', program: false }],
      },
      (writer) => {
        files(writer, ...shownNames.slice(1));
        folder(writer, 'z');
        files(writer, 'z/1', 'z/2');
        writer.finish({ files: 17, bytes: 170, skippedCount: 0 });
      },
    ],
  ];
  it.each(lies)('do not come %s: the transfer ends with nothing kept', async (_what, offer, fill) => {
    const { victim, hostile } = await victimAndHostile(bench);
    const transfer = new HostileTransfer(await hostile.dial());
    const end = endOf(victim);
    await transfer.start(victim, offer);
    transfer.send(transfer.seal(fill, { final: true }));
    expect((await end).state).toMatchObject({ kind: 'failed', error: { code: 'content-mismatch' } });
    expect(await namesIn(await bench.folder('victim-received'))).toEqual([]);
    hostile.close();
  });

  const miscounted: readonly (readonly [string, RawOffer])[] = [
    ['more items than files and folders', { ...contract, files: 0 }],
    ['nothing at all, and shows an item', { ...contract, files: 0, folders: 0, bytes: 0 }],
    ['fewer programs than it shows', { ...contract, programs: 0 }],
    [
      'fewer hidden items than it shows',
      offerBody(['.profile'], { files: 1, folders: 0, bytes: 10 }, { hidden: 0 }),
    ],
  ];
  it.each(miscounted)('are shown to nobody where the offer counts %s', async (_what, offer) => {
    const { victim, hostile } = await victimAndHostile(bench);
    const peer = await hostile.dial();
    await new HostileTransfer(peer).offer(offer);
    expect(await peer.ending()).toBe('frame-malformed');
    expect(victim.snapshot().transfers).toEqual([]);
    hostile.close();
  });

  it('are listed as left out where one of them is gone by then, and the others arrive', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('stuff');
    await mkdir(source);
    const names = ['a', 'b.sh', 'c'];
    for (const name of names) await writeFile(join(source, name), name);
    const offered = offerTo(receiver);
    const ends = [endOf(sender), endOf(receiver)];
    const paths = names.map((name) => join(source, name));
    await sender.send({ device: receiver.snapshot().self.id, paths });
    const shown = await offered;
    await rm(join(source, 'b.sh'));
    await acceptOffer(receiver, shown);
    for (const { state } of await Promise.all(ends)) {
      expect(state).toMatchObject({
        kind: 'incomplete',
        outcome: { files: 2 },
        leftOut: { skipped: [{ path: 'b.sh', reason: 'vanished' }], skippedCount: 1 },
      });
    }
    expect(await namesIn(await bench.folder('second-received'))).toEqual(['a', 'c']);
  });
});
