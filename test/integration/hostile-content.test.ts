import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChunkWriter } from '../../src-main/engine/content/chunk-writer.ts';
import { Bench, endOf, transferIn } from '../support/engines.ts';
import { HostileTransfer, data, fileEntry, receiverAndHostilePeer } from '../support/hostile-sender.ts';
import { namesIn, noise } from '../support/tree.ts';
import { offerBody } from '../support/offers.ts';

const bench = new Bench();
afterEach(() => bench.dispose());

const size = 3000;
const offer = offerBody(['a.bin'], { files: 1, folders: 0, bytes: size });
const part = (index: number) => noise(1000, index + 1);

/** The three chunks of an honest stream of one file: 1000 bytes each. */
function honestChunks(transfer: HostileTransfer): readonly [Uint8Array, Uint8Array, Uint8Array] {
  const first = transfer.seal((writer) => {
    writer.entry(fileEntry(['a.bin'], size));
    data(writer, part(0));
  });
  const second = transfer.seal(
    (writer) => {
      data(writer, part(1));
    },
    { offset: 1000 },
  );
  const last = transfer.seal(
    (writer) => {
      data(writer, part(2));
      writer.end();
      writer.finish({ files: 1, bytes: size, skippedCount: 0 });
    },
    { offset: 2000, final: true },
  );
  return [first, second, last];
}

/** Runs a transfer up to where chunks flow, lets `send` say what it wants, and gives how both sides saw it end. */
async function transferOf(send: (transfer: HostileTransfer) => void, offered = offer) {
  const { receiver, peer } = await receiverAndHostilePeer(bench);
  const end = endOf(receiver);
  const transfer = new HostileTransfer(peer);
  await transfer.start(receiver, offered);
  send(transfer);
  const ending = peer.ending();
  const { state } = await end;
  return {
    told: await ending,
    seen: state.kind === 'failed' ? state.error.code : state.kind,
    names: await namesIn(await bench.folder('receiver-received')),
  };
}

const refusedAs = (code: string) => ({ told: code, seen: code, names: [] });

describe('chunks', () => {
  it('that are left as they are arrive (so that the rest of this file means something)', async () => {
    const { seen, names } = await transferOf((transfer) => {
      for (const chunk of honestChunks(transfer)) transfer.send(chunk);
    });
    expect({ seen, names }).toEqual({ seen: 'done', names: ['a.bin'] });
  });

  const tampering: readonly (readonly [
    string,
    (chunks: ReturnType<typeof honestChunks>) => readonly Uint8Array[],
  ])[] = [
    [
      'changed',
      ([first, second, last]) => {
        const changed = Uint8Array.from(second);
        changed[500] = (changed[500] ?? 0) ^ 1;
        return [first, changed, last];
      },
    ],
    ['dropped', ([first, , last]) => [first, last]],
    ['repeated', ([first, second, last]) => [first, first, second, last]],
    ['reordered', ([first, second, last]) => [second, first, last]],
    ['cut off', ([first, second, last]) => [first, second.subarray(0, 900), last]],
    ['empty', ([first]) => [first, new Uint8Array(0)]],
  ];
  it.each(tampering)('%s: the transfer ends, and nothing is kept', async (_name, tamper) => {
    const result = await transferOf((transfer) => {
      for (const chunk of tamper(honestChunks(transfer))) transfer.send(chunk);
    });
    expect(result).toEqual(refusedAs('chunk-forged'));
  });

  it('that claim another place in the content are forged', async () => {
    const result = await transferOf((transfer) => {
      transfer.send(
        transfer.seal(
          (writer) => {
            writer.entry(fileEntry(['a.bin'], size));
          },
          { entry: 7 },
        ),
      );
    });
    expect(result).toEqual(refusedAs('chunk-forged'));
  });

  it('that stop coming before the final one are not shown as a file: they wait, hidden, until somebody gives up', async () => {
    const { receiver, peer } = await receiverAndHostilePeer(bench);
    const waiting = transferIn(receiver, ['waiting', 'failed']);
    const transfer = new HostileTransfer(peer);
    await transfer.start(receiver, offer);
    const [first, second] = honestChunks(transfer);
    transfer.send(first);
    transfer.send(second);
    peer.socket.end();
    const { id, state } = await waiting;
    expect(state).toMatchObject({ kind: 'waiting', error: { code: 'connection-lost' } });
    const visible = (await namesIn(await bench.folder('receiver-received'))).filter(
      (name) => !name.startsWith('.'),
    );
    expect(visible).toEqual([]);
    const end = endOf(receiver);
    await receiver.cancelTransfer(id);
    expect((await end).state).toEqual({ kind: 'cancelled', by: 'me' });
    expect(await namesIn(await bench.folder('receiver-received'))).toEqual([]);
  });

  it('whose final one comes too early are not taken for the whole', async () => {
    const result = await transferOf((transfer) => {
      transfer.send(
        transfer.seal(
          (writer) => {
            writer.entry(fileEntry(['a.bin'], size));
            data(writer, part(0));
          },
          { final: true },
        ),
      );
    });
    expect(result).toEqual(refusedAs('content-mismatch'));
  });
});

describe('names', () => {
  const hostile: readonly (readonly [string, readonly string[]])[] = [
    ['CVE-2023-43620, CVE-2026-32116: ..', ['..', 'a.bin']],
    ['.. deeper down', ['a', '..', '..', 'b']],
    ['an absolute path', ['/etc/passwd']],
    ['a path in one name', ['a/../../b']],
    ['an empty name', ['', 'etc', 'passwd']],
    ['a NUL', ['a\0.bin']],
    ['too many folders', Array.from({ length: 200 }, () => 'a')],
  ];
  it.each(hostile)('%s: the transfer ends, and nothing is written anywhere', async (_name, path) => {
    const canary = await bench.folder('canary.txt');
    await writeFile(canary, 'untouched');
    const before = await namesIn(join(canary, '..'));
    // What an offer cannot show for want of room has names of its own.
    const shown = Array.from({ length: 16 }, (_, n) => `shown ${String(n)}`);
    const result = await transferOf(
      (transfer) => {
        transfer.send(
          transfer.seal((writer) => {
            writer.entry(fileEntry(path, size));
            data(writer, part(0));
          }),
        );
      },
      offerBody(shown, { files: 17, folders: 0, bytes: size }, { itemCount: 17, hidden: 17 }),
    );
    expect(result).toEqual(refusedAs('name-refused'));
    const added = (await namesIn(join(canary, '..'))).filter((name) => !before.includes(name));
    expect(added.filter((name) => !/^(receiver|hostile)-profile/.test(name))).toEqual([]);
  });

  it('that mean something on Windows only are names like any other elsewhere', async () => {
    const own = ['..\\..\\a.bin', 'C:', 'C:\\Windows\\a.bin', 'CON', '\\\\server\\share', 'a:b', 'aux.c'];
    const { seen, names } = await transferOf(
      (transfer) => {
        transfer.send(
          transfer.seal(
            (writer) => {
              for (const name of own) {
                writer.entry(fileEntry([name], 4));
                data(writer, Buffer.from('text'));
                writer.end();
              }
              writer.finish({ files: own.length, bytes: 4 * own.length, skippedCount: 0 });
            },
            { final: true },
          ),
        );
      },
      offerBody(own, { files: own.length, folders: 0, bytes: 4 * own.length }),
    );
    expect({ seen, names: [...names].sort() }).toEqual({ seen: 'done', names: own.toSorted() });
  });

  it('CVE-2017-1000420: under a symlink that leads out are put beside it, never through it', async () => {
    const outside = await bench.folder('outside');
    const received = await bench.folder('receiver-received');
    await mkdir(outside);
    await mkdir(received);
    await symlink(outside, join(received, 'a'));
    const folder = { name: 'a', kind: 'folder' as const, program: false };
    const { seen, names } = await transferOf(
      (transfer) => {
        transfer.send(
          transfer.seal(
            (writer) => {
              writer.entry({ kind: 'folder', path: ['a'], mtimeUs: 0 });
              writer.entry(fileEntry(['a', 'inside.bin'], 4));
              data(writer, Buffer.from('text'));
              writer.end();
              writer.finish({ files: 1, bytes: 4, skippedCount: 0 });
            },
            { final: true },
          ),
        );
      },
      offerBody(['a'], { files: 1, folders: 1, bytes: 4 }, { items: [folder] }),
    );
    expect(seen).toBe('done');
    expect([...names].sort()).toEqual(['a', 'a (2)', 'a (2)/inside.bin']);
    expect(await namesIn(outside)).toEqual([]);
  });
});

describe('sizes that lie', () => {
  const lies: readonly (readonly [string, (writer: ChunkWriter) => void])[] = [
    [
      'a file longer than it said',
      (writer) => {
        writer.entry(fileEntry(['a.bin'], 10));
        data(writer, part(0));
      },
    ],
    [
      'a file shorter than it said',
      (writer) => {
        writer.entry(fileEntry(['a.bin'], size));
        data(writer, part(0));
        writer.end();
      },
    ],
    [
      'more bytes than were offered',
      (writer) => {
        writer.entry(fileEntry(['a.bin'], size + 1));
        data(writer, noise(size + 1));
      },
    ],
    [
      'more files than were offered',
      (writer) => {
        for (const name of ['a.bin', 'b.bin']) {
          writer.entry(fileEntry([name], 0));
          writer.end();
        }
      },
    ],
    [
      'more folders than were offered',
      (writer) => {
        writer.entry({ kind: 'folder', path: ['a'], mtimeUs: 0 });
      },
    ],
  ];
  it.each(lies)('%s: the transfer ends, and nothing is kept', async (_name, fill) => {
    const result = await transferOf((transfer) => {
      transfer.send(transfer.seal(fill));
    });
    expect(result).toEqual(refusedAs('content-mismatch'));
  });
});
