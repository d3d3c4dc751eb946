import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeCbor } from '../../../../src-main/engine/codec/cbor.ts';
import type { ChunkWriter } from '../../../../src-main/engine/content/chunk-writer.ts';
import type { Offered } from '../../../../src-main/engine/content/contract.ts';
import { deliver, refuse, refuseInThisThread } from './deliver.ts';
import { HostileSender, PLENTY, START, newFolder, receiverFor } from './support.ts';

describe('a sender that holds the key and means harm', () => {
  const file = (path: string[], size = 1, more: object = {}) => ({
    kind: 'file' as const,
    path,
    size,
    mtimeUs: 0,
    executable: false,
    ...more,
  });
  const folder = (path: string[]) => ({ kind: 'folder' as const, path, mtimeUs: 0 });

  const data = (to: ChunkWriter, length: number): void => {
    to.dataTarget(length);
    to.commitData(length);
  };

  /** A folder comes before what is in it: whoever says names says these first. */
  const foldersAbove = (path: readonly string[]) => path.slice(0, -1).map((_, at) => path.slice(0, at + 1));

  const names: Record<string, string[]> = {
    'a parent folder': ['..', 'x'],
    'a parent folder on the way': ['item', '..', '..', 'x'],
    'a parent folder within a component': ['item', '../x'],
    'only a parent folder': ['..'],
    'the folder itself': ['.'],
    'an absolute path': ['/etc/x'],
    'an absolute path by an empty component': ['', 'etc', 'x'],
    'a separator': ['item/x'],
    'a NUL': ['x\0.txt'],
    'no component': [],
    'an empty name': [''],
    'too many components': Array.from({ length: 129 }, () => 'x'),
    'too long a path': Array.from({ length: 16 }, () => 'x'.repeat(250)),
  };
  for (const [name, path] of Object.entries(names)) {
    it(`writes nothing for ${name}, be it a file or a folder`, async () => {
      const asFile = await HostileSender.create();
      const fileChunk = asFile.chunk((to) => {
        for (const above of foldersAbove(path)) to.entry(folder(above));
        to.entry(file(path));
        data(to, 1);
        to.end();
        to.finish({ files: 1, bytes: 1, skippedCount: 0 });
      }, true);
      const { key, header } = asFile;
      const offered = { ...PLENTY, folders: 200 };
      expect(await refuseInThisThread(fileChunk, { key, header, offered })).toBe('name-refused');

      const asFolder = await HostileSender.create();
      const folderChunk = asFolder.chunk((to) => {
        for (const above of foldersAbove(path)) to.entry(folder(above));
        to.entry(folder(path));
        to.finish({ files: 0, bytes: 0, skippedCount: 0 });
      }, true);
      expect(
        await refuseInThisThread(folderChunk, { key: asFolder.key, header: asFolder.header, offered }),
      ).toBe('name-refused');
    });
  }

  const lies: Record<string, { fill: (to: ChunkWriter) => void; final?: boolean; offered?: Offered }> = {
    'a file longer than its entry says': {
      fill: (to) => {
        to.entry(file(['a'], 10));
        data(to, 11);
      },
    },
    'a file shorter than its entry says': {
      fill: (to) => {
        to.entry(file(['a'], 10));
        data(to, 9);
        to.end();
      },
    },
    'one more byte in all than offered': {
      fill: (to) => {
        to.entry(file(['a'], 5));
        data(to, 5);
        to.end();
        to.entry(file(['a'], 6));
      },
      offered: { ...PLENTY, bytes: 10 },
    },
    'one more file than offered': {
      fill: (to) => {
        for (const name of ['a', 'b']) {
          to.entry(file([name], 0));
          to.end();
        }
      },
      offered: { ...PLENTY, files: 1 },
    },
    'one more folder than offered': {
      fill: (to) => {
        to.entry(folder(['a']));
        to.entry(folder(['a', 'b']));
      },
      offered: { ...PLENTY, folders: 1 },
    },
    'one more item than offered': {
      fill: (to) => {
        to.entry(folder(['a']));
        to.entry(folder(['b']));
      },
      offered: { ...PLENTY, itemCount: 1 },
    },
    'data that belongs to no file': {
      fill: (to) => {
        data(to, 1);
      },
    },
    'an entry within a file': {
      fill: (to) => {
        to.entry(file(['a'], 10));
        to.entry(file(['b'], 10));
      },
    },
    'an end without totals': {
      fill: (to) => {
        to.entry(folder(['a']));
      },
      final: true,
    },
    'totals without an end': {
      fill: (to) => {
        to.finish({ files: 0, bytes: 0, skippedCount: 0 });
      },
    },
    'totals that are too high': {
      fill: (to) => {
        to.finish({ files: 1, bytes: 0, skippedCount: 0 });
      },
      final: true,
    },
    'content after the totals': {
      fill: (to) => {
        to.finish({ files: 0, bytes: 0, skippedCount: 0 });
        to.entry(folder(['a']));
      },
      final: true,
    },
    'an end in the middle of a file': {
      fill: (to) => {
        to.entry(file(['a'], 10));
        data(to, 5);
        to.finish({ files: 0, bytes: 5, skippedCount: 0 });
      },
      final: true,
    },
  };
  for (const [name, { fill, final = false, offered = PLENTY }] of Object.entries(lies)) {
    it(`leaves no trace of ${name}`, async () => {
      const hostile = await HostileSender.create();
      const chunk = hostile.chunk(fill, final);
      const { key, header } = hostile;
      expect(await refuseInThisThread(chunk, { key, header, offered })).toBe('content-mismatch');
    });
  }

  const raw: Record<string, Uint8Array> = {
    'an empty chunk': new Uint8Array(0),
    'half a record': Uint8Array.of(2, 0, 0),
    'a record longer than the chunk': Uint8Array.of(2, 0, 0, 0, 9, 1),
    'a record of unknown type': Uint8Array.of(9, 0, 0, 0, 0),
    'an entry with set-user-id': Uint8Array.from([
      1,
      ...new Uint8Array(Uint32Array.of(encodeCbor(file(['a'], 0, { mode: 2541 })).length).buffer).reverse(),
      ...encodeCbor(file(['a'], 0, { mode: 2541 })),
    ]),
  };
  for (const [name, plaintext] of Object.entries(raw)) {
    it(`leaves no trace of ${name}`, async () => {
      const hostile = await HostileSender.create();
      expect(await refuseInThisThread(hostile.raw(plaintext, false), hostile)).toBe('content-mismatch');
    });
  }

  it('gets no further with a worker: what was whole before the breach goes too', async () => {
    const breaches: Record<'name-refused' | 'content-mismatch', (to: ChunkWriter) => void> = {
      'name-refused': (to) => {
        to.entry(folder(['item', '..']));
      },
      'content-mismatch': (to) => {
        to.entry(file(['item', 'x'], 1));
        data(to, 2);
      },
    };
    for (const [code, breach] of Object.entries(breaches)) {
      const hostile = await HostileSender.create();
      const harmless = hostile.chunk((to) => {
        to.entry(folder(['item']));
        to.entry(file(['item', 'whole'], 3));
        data(to, 3);
        to.end();
      }, false);
      const harmful = hostile.chunk(breach, false, { entry: 2, offset: 0 });
      expect(await refuse([harmless, harmful], hostile)).toBe(code);
    }
  });

  it('cannot put a chunk elsewhere than where the content stands', async () => {
    const hostile = await HostileSender.create();
    const first = hostile.chunk((to) => {
      to.entry(file(['a'], 2));
      data(to, 1);
    }, false);
    const second = hostile.chunk(
      (to) => {
        data(to, 1);
        to.end();
        to.finish({ files: 1, bytes: 2, skippedCount: 0 });
      },
      true,
      START,
    );
    expect(await refuse([first, second], hostile)).toBe('chunk-forged');
  });

  it('writes nothing into a folder that took the place of the one that was chosen', async () => {
    const hostile = await HostileSender.create();
    const chunks = [
      hostile.chunk((to) => {
        to.entry(folder(['item']));
      }, false),
      hostile.chunk(
        (to) => {
          to.entry(file(['item', 'x'], 0));
          to.end();
          to.finish({ files: 1, bytes: 0, skippedCount: 0 });
        },
        true,
        { entry: 1, offset: 0 },
      ),
    ];
    const destination = join(newFolder(), 'destination');
    mkdirSync(destination);
    const receiver = await receiverFor(hostile, destination);
    await receiver.write(chunks[0] ?? new Uint8Array());
    renameSync(destination, `${destination} moved`);
    mkdirSync(destination);
    expect(await deliver(receiver, chunks.slice(1))).toBe('destination-changed');
    await receiver.discard();
    expect(readdirSync(destination)).toEqual([]);
  });
});
