import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChunkWriter } from '../../src-main/engine/content/chunk-writer.ts';
import type { ContentEntry } from '../../src-main/engine/content/records.ts';
import { KEY_FILE, loadIdentity } from '../../src-main/engine/identity/key-file.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import type { TransferView } from '../../shared/views.ts';
import {
  Bench,
  acceptOffer,
  declineOffer,
  endOf,
  offerTo,
  pairEngines,
  sendAndAccept,
} from '../support/engines.ts';
import { HostileDevice, victimAndHostile } from '../support/hostile-device.ts';
import { HostileTransfer, data, fileEntry } from '../support/hostile-sender.ts';
import type { RawOffer } from '../support/hostile-sender.ts';
import { offerBody } from '../support/offers.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { listTree, namesIn } from '../support/tree.ts';

/** What a yes is for: the offer that was shown, and no other, whenever it comes and whatever the peer says besides. */

const bench = new Bench();
afterEach(() => bench.dispose());

const letter = offerBody(['letter.txt'], { files: 1, folders: 0, bytes: 10 });
const received = () => bench.folder('victim-received');

/** What the second connection offers under the same id. */
const others: readonly (readonly [string, RawOffer])[] = [
  ['a library', offerBody(['library'], { files: 1000, folders: 1, bytes: 2_000_000_000 })],
  ['another name', offerBody(['letter.exe'], { files: 1, folders: 0, bytes: 10 })],
  ['one byte more', { ...letter, bytes: 11 }],
  ['a program', { ...letter, programs: 1 }],
];

/** Offers anew under the id of `first`, and takes whatever the victim gives for an accept. */
async function offerAgain(first: HostileTransfer, peer: RawPeer, offer: RawOffer) {
  const second = new HostileTransfer(peer, first.id);
  const message = await second.offer(offer);
  return await Promise.race([
    second.agree(message).then(
      () => 'accepted' as const,
      () => 'refused' as const,
    ),
    peer.ending(),
  ]);
}

describe('a yes to one offer', () => {
  it.each(others)(
    'is none to %s under the same id, whenever after the yes that is offered',
    async (_what, other) => {
      const { victim, hostile } = await victimAndHostile(bench);
      for (const ms of [0, 0, 1, 3, 10, 40, 120]) {
        const transfer = new HostileTransfer(await hostile.dial());
        const offered = offerTo(victim);
        await transfer.offer(letter);
        const shown = await offered;
        const peer = await hostile.dial();
        await acceptOffer(victim, shown);
        await delay(ms);
        expect(await offerAgain(transfer, peer, other)).not.toBe('accepted');
        const end = endOf(victim, transfer.id);
        await victim.cancelTransfer(transfer.id).catch(() => undefined);
        await end;
      }
      expect(await namesIn(await received())).toEqual([]);
      hostile.close();
    },
  );

  it('is none to another under the same id while the device floods this one with pings', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const floods = await Promise.all(Array.from({ length: 10 }, () => hostile.dial()));
    const ping = setInterval(() => {
      for (const peer of floods)
        if (!peer.socket.destroyed) for (let n = 0; n < 100; n += 1) peer.message('ping', {});
    }, 5);
    const peer = await hostile.dial();
    const transfer = new HostileTransfer(await hostile.dial());
    const offered = offerTo(victim);
    await transfer.offer(letter);
    await acceptOffer(victim, await offered);
    await delay(20);
    const [, library = letter] = others[0] ?? [];
    expect(await offerAgain(transfer, peer, library)).not.toBe('accepted');
    clearInterval(ping);
    expect(await namesIn(await received())).toEqual([]);
    hostile.close();
  });

  it('that comes when another offer has taken its place is refused, and so is a no', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const first = new HostileTransfer(await hostile.dial());
    const offered = offerTo(victim);
    const end = endOf(victim);
    await first.offer(letter);
    const shown = await offered;
    first.peer.close();
    await end;
    const second = new HostileTransfer(await hostile.dial(), first.id);
    const asked = offerTo(victim);
    await second.offer(offerBody(['library.zip'], { files: 1, folders: 0, bytes: 1000 }));
    const now = await asked;
    expect(now.id).toBe(shown.id);
    await expect(acceptOffer(victim, shown)).rejects.toMatchObject({ code: 'offer-changed' });
    await expect(declineOffer(victim, shown)).rejects.toMatchObject({ code: 'offer-changed' });
    await declineOffer(victim, now);
    expect(await second.peer.ending()).toBe('declined');
  });
});

const program = (path: readonly string[], size: number): ContentEntry => ({
  kind: 'file',
  path: [...path],
  size,
  mtimeUs: 0,
  executable: true,
});

/** A file of ten bytes, whole. */
function file(writer: ChunkWriter, entry: ContentEntry): void {
  writer.entry(entry);
  data(writer, Buffer.alloc(10, 'x'));
  writer.end();
}

const folder = (writer: ChunkWriter, ...path: string[]): void => {
  writer.entry({ kind: 'folder', path, mtimeUs: 0 });
};

const photo = offerBody(['holiday.jpg'], { files: 1, folders: 0, bytes: 10 });
const photos = offerBody(['Photos'], { files: 2, folders: 2, bytes: 20 });
const many = offerBody(
  Array.from({ length: 16 }, (_, n) => `f${String(n)}`),
  { files: 17, folders: 0, bytes: 170 },
  { itemCount: 17 },
);

describe('what arrives', () => {
  const lies: readonly (readonly [string, RawOffer, (writer: ChunkWriter) => void])[] = [
    [
      'under another name',
      photo,
      (writer) => {
        file(writer, fileEntry(['.profile'], 10));
      },
    ],
    [
      'as a program',
      photo,
      (writer) => {
        file(writer, program(['holiday.jpg'], 10));
      },
    ],
    [
      'as a folder',
      photo,
      (writer) => {
        folder(writer, 'holiday.jpg');
      },
    ],
    [
      'below a folder of its name',
      photo,
      (writer) => {
        file(writer, fileEntry(['holiday.jpg', 'x'], 10));
      },
    ],
    [
      'as a file where a folder was shown',
      photos,
      (writer) => {
        file(writer, fileEntry(['Photos'], 10));
      },
    ],
    [
      'with a hidden file in it',
      photos,
      (writer) => {
        folder(writer, 'Photos');
        file(writer, fileEntry(['Photos', '.bashrc'], 10));
      },
    ],
    [
      'with a hidden folder in it',
      photos,
      (writer) => {
        folder(writer, 'Photos');
        folder(writer, 'Photos', '.git');
      },
    ],
    [
      'with a program in it, by its name',
      photos,
      (writer) => {
        folder(writer, 'Photos');
        file(writer, fileEntry(['Photos', 'view.EXE'], 10));
      },
    ],
    [
      'with a program in it, by its permissions',
      photos,
      (writer) => {
        folder(writer, 'Photos');
        file(writer, program(['Photos', 'a.jpg'], 10));
      },
    ],
    [
      'in another order',
      many,
      (writer) => {
        file(writer, fileEntry(['f1'], 10));
        file(writer, fileEntry(['f0'], 10));
      },
    ],
    [
      'with two that were not shown where one was counted',
      many,
      (writer) => {
        file(writer, fileEntry(['extra'], 10));
        file(writer, fileEntry(['another'], 10));
      },
    ],
    [
      'as a new version of what never came, under a name of its own',
      offerBody(['a'], { files: 2, folders: 0, bytes: 20 }),
      (writer) => {
        writer.superseded({ path: ['a'], executable: false });
        file(writer, { kind: 'file', path: ['.profile'], size: 10, mtimeUs: 0, executable: false, again: 0 });
      },
    ],
    [
      'as less than was shown',
      offerBody(['a', 'b'], { files: 2, folders: 0, bytes: 20 }),
      (writer) => {
        file(writer, fileEntry(['a'], 10));
        writer.finish({ files: 1, bytes: 10, skippedCount: 0 });
      },
    ],
  ];
  it.each(lies)(
    'is what was shown, and not %s: the transfer ends with nothing kept',
    async (_what, offer, fill) => {
      const { victim, hostile } = await victimAndHostile(bench);
      const transfer = new HostileTransfer(await hostile.dial());
      const end = endOf(victim);
      await transfer.start(victim, offer);
      transfer.send(transfer.seal(fill, { final: _what === 'as less than was shown' }));
      expect(await transfer.peer.ending()).toBe('content-mismatch');
      expect((await end).state).toMatchObject({ kind: 'failed', error: { code: 'content-mismatch' } });
      expect(await namesIn(await received())).toEqual([]);
      hostile.close();
    },
  );

  it('is told before the yes: which are folders, hidden or programs, and how many lie below', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('stuff');
    await mkdir(join(source, 'Album', '.cache'), { recursive: true });
    for (const name of ['Album/a.jpg', 'Album/.cache/x', 'Album/setup.msi', 'run', '.env'])
      await writeFile(join(source, name), 'x');
    await chmod(join(source, 'run'), 0o755);
    const offered = offerTo(receiver);
    const paths = ['Album', 'run', '.env'].map((name) => join(source, name));
    const ends = [endOf(sender), endOf(receiver)];
    await sender.send({ device: receiver.snapshot().self.id, paths });
    const shown = await offered;
    expect(shown).toMatchObject({
      items: [
        { name: 'Album', kind: 'folder', hidden: false, program: false },
        { name: 'run', kind: 'file', hidden: false, program: true },
        { name: '.env', kind: 'file', hidden: true, program: false },
      ],
      totalFolders: 2,
      hiddenCount: 2,
      programCount: 2,
    });
    await acceptOffer(receiver, shown);
    for (const { state } of await Promise.all(ends)) expect(state.kind).toBe('done');
    expect(Object.keys(await listTree(await bench.folder('second-received')))).toHaveLength(8);
  });
});

describe('what this device has done', () => {
  const records = (engine: Engine) =>
    engine
      .snapshot()
      .transfers.map(({ direction, items, state }: TransferView) => [direction, items[0]?.name, state.kind]);

  it('stays in its history as it was, whatever a device offers under the same id', async () => {
    const victim = await bench.engine('victim');
    const friend = await bench.engine('hostile');
    await pairEngines(victim, friend);
    const payroll = await bench.folder('payroll.xlsx');
    await writeFile(payroll, 'x');
    const { sent } = await sendAndAccept(victim, friend, [payroll]);
    await friend.close();
    const { identity } = await loadIdentity(join(await bench.folder('hostile-profile'), KEY_FILE));
    const hostile = new HostileDevice(victim, identity);
    const before = [['send', 'payroll.xlsx', 'done']];
    expect(records(victim)).toEqual(before);
    for (let n = 0; n < 3; n += 1) {
      const transfer = new HostileTransfer(await hostile.dial(), sent.id);
      await transfer.offer(offerBody(['x'], { files: 1, folders: 0, bytes: 1 }));
      expect(await transfer.peer.ending()).toBe('content-mismatch');
      expect(records(victim)).toEqual(before);
    }
    hostile.close();
  });

  it('is not pushed out by offers that are taken back, of which nothing is kept, and which have a rate', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    let refused = 0;
    for (let n = 0; n < 100; n += 1) {
      const transfer = new HostileTransfer(await hostile.dial());
      const heard = offerTo(victim, transfer.id);
      const end = endOf(victim, transfer.id);
      // What comes too often is refused at its hello already.
      const answer = await transfer.offer(letter).then(
        () => Promise.race([heard.then(() => 'offered'), transfer.peer.ending()]),
        () => 'too-fast',
      );
      if (answer === 'too-fast') refused += 1;
      else {
        transfer.peer.close();
        await end;
      }
    }
    expect(refused).toBeGreaterThan(0);
    expect(records(victim)).toEqual([]);
    hostile.close();
  });
});
