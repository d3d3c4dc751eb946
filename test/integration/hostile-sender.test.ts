import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeCbor } from '../../src-main/engine/codec/cbor.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { encodeFrame } from '../../src-main/engine/net/frames.ts';
import { MAX_ENTRIES } from '../../shared/limits.ts';
import { FRAME_TYPES } from '../../shared/frame-types.ts';
import type { TransferView } from '../../shared/views.ts';
import {
  Bench,
  acceptOffer,
  declineOffer,
  endOf,
  offerTo,
  offeredAgain,
  pairEngines,
  sendAndAccept,
  transferIn,
} from '../support/engines.ts';
import { befriend, victimAndHostile } from '../support/hostile-device.ts';
import { HostileTransfer, data, fileEntry } from '../support/hostile-sender.ts';
import { growthDuring } from '../support/memory.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { makeTree, namesIn } from '../support/tree.ts';
import { offerBody } from '../support/offers.ts';

/** A device that was paired, and now does what it can: as the one that sends. */

const bench = new Bench();
afterEach(() => bench.dispose());

const MIB = 1024 * 1024;
const offer = offerBody(['a.bin'], { files: 1, folders: 0, bytes: 5 });
const received = () => bench.folder('victim-received');

async function greet(peer: RawPeer): Promise<void> {
  peer.hello();
  await peer.expect('hello');
}

/** Lets an honest device send something to the victim, and makes sure that it arrives. */
async function honestStillGetsThrough(victim: Engine): Promise<void> {
  const honest = await bench.engine('honest');
  await pairEngines(victim, honest);
  const source = await bench.folder('Honest');
  await makeTree(source, { small: 3, large: 100_000 });
  const { received: seen } = await sendAndAccept(honest, victim, [source]);
  expect(seen.state.kind).toBe('done');
}

describe('an offer', () => {
  it.each([
    ['of ten million files', { ...offer, files: 10_000_000 }],
    ['of ten million folders', { ...offer, folders: 10_000_000 }],
    ['of ten million items', { ...offer, itemCount: 10_000_000 }],
    ['of more bytes than can be counted', { ...offer, bytes: 2 ** 60 }],
    ['of a negative number of bytes (CVE-2021-21404)', { ...offer, bytes: -1 }],
    ['of half a file', { ...offer, files: 0.5 }],
    ['with an item that is counted and not shown', { ...offer, itemCount: 2 }],
    ['with an item that is shown and not counted', { ...offer, itemCount: 0 }],
    ['without a name', { ...offer, items: [] }],
    ['with a thousand names', { ...offer, items: Array.from({ length: 1000 }, () => offer.items[0]) }],
    ['with a list of what to remove (CVE-2023-29380)', { ...offer, remove: ['/home'] }],
  ])('%s is no offer, and nobody is asked', async (_what, lie) => {
    const { victim, hostile } = await victimAndHostile(bench);
    const peer = await hostile.dial();
    await greet(peer);
    peer.message('offer', { transfer: '0'.repeat(32), ...lie });
    expect(await peer.ending()).toBe('frame-malformed');
    expect(victim.snapshot().transfers).toEqual([]);
  });

  it('of as much as an offer may hold comes back for want of space, with nothing left on disk', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const peer = await hostile.dial();
    const offered = offerTo(victim);
    const end = endOf(victim);
    const most = { ...offer, files: MAX_ENTRIES, folders: MAX_ENTRIES, bytes: Number.MAX_SAFE_INTEGER };
    await new HostileTransfer(peer).offer(most);
    const back = offeredAgain(victim);
    await acceptOffer(victim, await offered);
    const again = await back;
    expect(again.state).toMatchObject({ problem: { code: 'no-space' } });
    await declineOffer(victim, again);
    expect(await peer.ending()).toBe('declined');
    expect((await end).state.kind).toBe('declined');
    expect(await namesIn(await received())).toEqual([]);
  });
});

describe('many at once', () => {
  it('offers of one device are asked about eight at a time, and no other device waits for that', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    for (let i = 0; i < 8; i += 1) {
      const offered = offerTo(victim);
      await new HostileTransfer(await hostile.dial()).offer(offer);
      await offered;
    }
    const ninth = await hostile.dial();
    await new HostileTransfer(ninth).offer(offer);
    expect(await ninth.ending()).toBe('offers-open');
    await honestStillGetsThrough(victim);
    hostile.close();
  });

  it('connections of one device that offer nothing are sixteen at a time, and no other device waits for that', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    for (let i = 0; i < 16; i += 1) await greet(await hostile.dial());
    expect(await (await hostile.dial()).ending()).toBe('busy');
    await honestStillGetsThrough(victim);
    hostile.close();
  });

  it('offers of one transfer, of which the second is larger: nobody agrees to the one and gets the other', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const first = new HostileTransfer(await hostile.dial());
    const offered = offerTo(victim);
    const message = await first.offer(offer);
    const shown = await offered;
    const second = new HostileTransfer(await hostile.dial(), first.id);
    await second.offer({ ...offer, bytes: 1_000_000_000, files: 1000 });
    expect(await second.peer.ending()).toBe('content-mismatch');
    expect(victim.snapshot().transfers).toMatchObject([{ id: first.id, state: { kind: 'offered' } }]);
    await acceptOffer(victim, shown);
    expect(await first.agree(message)).toEqual({ entry: 0, offset: 0 });
    hostile.close();
  });

  it('connections of one transfer, of which a later one offers far more than was agreed to: it is no part of the agreement', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const transfer = new HostileTransfer(await hostile.dial());
    await transfer.start(victim, offer);
    const lies = [
      { ...offer, bytes: 8 * (2 * offer.bytes + 16 * MIB) + 1 },
      { ...offer, files: 9 },
      { ...offer, programs: 1 },
      offerBody(['a.bin', 'b.bin'], { ...offer, files: 2 }),
      offerBody(['b.bin'], offer),
    ];
    for (const lie of lies) {
      const later = new HostileTransfer(await hostile.dial(), transfer.id);
      await later.offer(lie);
      expect(await later.peer.ending()).toBe('content-mismatch');
    }
    const again = new HostileTransfer(await hostile.dial(), transfer.id);
    await again.agree(await again.offer(offer));
    expect(victim.snapshot().transfers).toMatchObject([{ totalBytes: offer.bytes, totalFiles: 1 }]);
    hostile.close();
  });

  it('connections of one transfer, of which a later one says a newer version beyond what was agreed to: none of it is written', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const first = new HostileTransfer(await hostile.dial());
    const waiting = transferIn(victim, ['waiting'], first.id);
    await first.start(victim, offer);
    first.peer.close();
    await waiting;
    const far = 2 * offer.bytes + 16 * MIB + 1;
    const later = new HostileTransfer(await hostile.dial(), first.id);
    await later.agree(await later.offer({ ...offer, files: 3, bytes: offer.bytes + far }));
    const end = endOf(victim, first.id);
    const again = { ...fileEntry(['a.bin'], far), again: 0 };
    later.send(
      later.seal((writer) => {
        writer.superseded({ path: ['a.bin'], executable: false });
        writer.entry(again);
      }),
    );
    // That it is said is enough: not one byte of it has to come.
    expect(await later.peer.ending()).toBe('content-mismatch');
    expect((await end).state).toMatchObject({ kind: 'failed', error: { code: 'content-mismatch' } });
    expect(await namesIn(await bench.folder('victim-received'))).toEqual([]);
    hostile.close();
  });

  it('connections with the very same offer: the last counts, and the question stays', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const first = await hostile.dial();
    const offered = offerTo(victim);
    const message = await new HostileTransfer(first).offer(offer);
    const shown = await offered;
    const second = await hostile.dial();
    await greet(second);
    second.message('offer', message);
    expect(await first.ending()).toBe('closed');
    expect(victim.snapshot().transfers).toMatchObject([{ id: shown.id, state: { kind: 'offered' } }]);
    await declineOffer(victim, shown);
    expect(await second.ending()).toBe('declined');
  });

  it('devices with the same transfer: it stays that of the first, whatever the second says', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const thief = await befriend(bench, victim, 'thief');
    const transfer = new HostileTransfer(await hostile.dial());
    await transfer.start(victim, offer);
    const other = await thief.dial();
    await greet(other);
    other.message('offer', { transfer: transfer.id, ...offer });
    expect(await other.ending()).toBe('busy');
    const end = endOf(victim, transfer.id);
    transfer.send(
      transfer.seal(
        (writer) => {
          writer.entry(fileEntry(['a.bin'], 5));
          data(writer, Buffer.from('first'));
          writer.end();
          writer.finish({ files: 1, bytes: 5, skippedCount: 0 });
        },
        { final: true },
      ),
    );
    expect(await end).toMatchObject({ state: { kind: 'done' }, device: { id: hostile.id } });
    expect(await readFile(join(await received(), 'a.bin'), 'utf8')).toBe('first');
  });
});

describe('floods', () => {
  it('CVE-2020-26164 (KDE Connect): of pings take no memory, and are no offer', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const peer = await hostile.dial();
    await greet(peer);
    const ping = encodeFrame(FRAME_TYPES.ping, encodeCbor({}));
    const flood = Buffer.concat(Array.from({ length: 20_000 }, () => ping));
    const growth = await growthDuring(async () => {
      for (let i = 0; i < 20; i += 1) peer.raw(flood);
      expect(await peer.ending()).toBe('frame-out-of-order');
    });
    expect(growth.buffers).toBeLessThan(32 * MIB);
    expect(victim.snapshot().transfers).toEqual([]);
    await honestStillGetsThrough(victim);
  });

  it('croc 2026: of chunks with one byte of content take no memory, and can be cancelled with nothing left', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const transfer = new HostileTransfer(await hostile.dial());
    await transfer.start(victim, { ...offer, bytes: 1_000_000_000 });
    let sent = 0;
    const chunk = (): Uint8Array => {
      const sealed = transfer.seal(
        (writer) => {
          if (sent === 0) writer.entry(fileEntry(['a.bin'], 1_000_000_000));
          data(writer, new Uint8Array(1));
        },
        { offset: sent },
      );
      sent += 1;
      return encodeFrame(FRAME_TYPES.chunk, sealed);
    };
    const flood = Buffer.concat(Array.from({ length: 3000 }, chunk));
    const growth = await growthDuring(async () => {
      transfer.peer.raw(flood);
      // How far it has come is said when another chunk comes, and not more often than ten times a second.
      while (bytesOf(victim.snapshot().transfers) < 3000) {
        transfer.peer.raw(chunk());
        await setTimeout(20);
      }
    });
    expect(growth.buffers).toBeLessThan(32 * MIB);
    const end = endOf(victim, transfer.id);
    await victim.cancelTransfer(transfer.id);
    expect((await end).state).toEqual({ kind: 'cancelled', by: 'me' });
    expect(await transfer.peer.ending()).toBe('cancelled');
    expect(await namesIn(await received())).toEqual([]);
  });

  it('of content while nobody has said yes are out of order, at the first chunk', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const peer = await hostile.dial();
    await new HostileTransfer(peer).offer(offer);
    const chunk = encodeFrame(FRAME_TYPES.chunk, new Uint8Array(MIB));
    const growth = await growthDuring(async () => {
      for (let i = 0; i < 64; i += 1) peer.raw(chunk);
      expect(await peer.ending()).toBe('frame-out-of-order');
    });
    // What the test itself has queued counts as well.
    expect(growth.buffers).toBeLessThan(160 * MIB);
    expect(await namesIn(await received())).toEqual([]);
    expect(victim.snapshot().transfers).toMatchObject([{ state: { kind: 'failed' } }]);
  });
});

function bytesOf([view]: readonly TransferView[]): number {
  return view !== undefined && 'progress' in view.state ? view.state.progress.bytes : 0;
}

describe('names', () => {
  it('that some file system takes for one all arrive, each with its own content (CVE-2023-43616, Syncthing #8922)', async () => {
    const names = [
      'Photo.jpg',
      'photo.jpg',
      'PHOTO.JPG',
      'e\u0301t\u00e9.txt',
      '\u00e9te\u0301.txt',
      'stra\u00dfe',
      'STRASSE',
      'Photo.jpg',
      'same',
      'same\u0007',
      'same\u0008',
    ];
    const { victim, hostile } = await victimAndHostile(bench);
    const transfer = new HostileTransfer(await hostile.dial());
    const lines = names.map((_, index) => `content ${String(index)}`);
    const bytes = lines.join('').length;
    await transfer.start(victim, offerBody(names, { files: names.length, folders: 0, bytes }));
    const end = endOf(victim, transfer.id);
    transfer.send(
      transfer.seal(
        (writer) => {
          for (const [index, name] of names.entries()) {
            const line = Buffer.from(lines[index] ?? '');
            writer.entry(fileEntry([name], line.length));
            data(writer, line);
            writer.end();
          }
          writer.finish({ files: names.length, bytes, skippedCount: 0 });
        },
        { final: true },
      ),
    );
    expect((await end).state).toMatchObject({
      kind: 'done',
      outcome: { files: names.length },
    });
    const folder = await received();
    const contents = await Promise.all(
      (await namesIn(folder)).map((name) => readFile(join(folder, name), 'utf8')),
    );
    expect(contents.sort()).toEqual([...lines].sort());
  });
});

describe('what a paired device says of pairing', () => {
  it.each(['device-forgotten', 'not-trusted'] as const)(
    'CVE-2025-32899 (KDE Connect): "%s" from it ends the connection and no trust',
    async (code) => {
      const { victim, hostile } = await victimAndHostile(bench);
      const peer = await hostile.dial();
      const offered = offerTo(victim);
      await new HostileTransfer(peer).offer(offer);
      await offered;
      const end = endOf(victim);
      peer.message('refuse', { reason: code === 'not-trusted' ? 20 : 21 });
      expect((await end).state.kind).toBe('failed');
      expect(victim.snapshot().devices).toMatchObject([{ id: hostile.id }]);
    },
  );

  it('CVE-2025-32900, CVE-2025-66270 (KDE Connect): changes its name only in the open, and never whose transfer it is', async () => {
    const { victim, hostile } = await victimAndHostile(bench);
    const before = victim.snapshot().devices;
    const peer = await hostile.dial();
    peer.message('hello', { version: 1, hosts: [], port: 1, wakePort: 1, name: 'Bank', id: 'other' });
    expect(await peer.ending()).toBe('frame-malformed');
    const second = await hostile.dial();
    const offered = offerTo(victim);
    await new HostileTransfer(second).offer(offerBody(['Bank'], offer));
    expect((await offered).device).toEqual({ id: hostile.id, name: 'hostile' });
    second.close();
    const third = await hostile.dial();
    third.hello('Bank');
    await third.expect('hello');
    const renamed = offerTo(victim);
    third.message('offer', { transfer: 'b'.repeat(32), ...offerBody(['letter'], offer) });
    expect((await renamed).device).toEqual({ id: hostile.id, name: 'Bank (was hostile)' });
    const seen = victim.snapshot().devices;
    expect(seen.map(({ id, was, accept, into }) => ({ id, name: was, accept, into }))).toEqual(
      before.map(({ id, name, accept, into }) => ({ id, name, accept, into })),
    );
  });
});
