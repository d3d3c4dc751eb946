import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngine } from '../../src-main/engine/index.ts';
import { generateIdentity } from '../../src-main/engine/identity/identity.ts';
import { MAX_CONTROL_BODY_BYTES } from '../../shared/limits.ts';
import { FRAME_TYPES } from '../../shared/frame-types.ts';
import { ALPN_TRANSFER } from '../../shared/messages.ts';
import { cameTo } from '../support/ended.ts';
import {
  Bench,
  acceptOffer,
  declineOffer,
  endOf,
  offerTo,
  offeredAgain,
  sendAndAccept,
} from '../support/engines.ts';
import { HostileTransfer, receiverAndHostilePeer } from '../support/hostile-sender.ts';
import { RawPeer, impostor } from '../support/raw-peer.ts';
import { makeTree, namesIn, noise } from '../support/tree.ts';
import { offerBody } from '../support/offers.ts';

const bench = new Bench();
afterEach(() => bench.dispose());

const offer = offerBody(['a.txt'], { files: 1, folders: 0, bytes: 5 });

describe('a device that is not paired', () => {
  it('is refused before anything it says is read', async () => {
    const receiver = await bench.engine('receiver');
    const peer = await RawPeer.dial(receiver.snapshot().port ?? 0, ALPN_TRANSFER, await generateIdentity());
    // Had this been parsed, the refusal would be another one.
    peer.raw(Buffer.alloc(100, 0xff));
    expect(await peer.ending()).toBe('not-trusted');
    expect(receiver.snapshot().transfers).toEqual([]);
  });

  it('without a certificate is cut off without a word', async () => {
    const receiver = await bench.engine('receiver');
    const peer = await RawPeer.dial(receiver.snapshot().port ?? 0, ALPN_TRANSFER, undefined);
    peer.hello();
    expect(await peer.ending()).toBe('closed');
  });

  it('learns that the other one has forgotten it', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('note.txt');
    await writeFile(source, 'hello');
    await receiver.forgetDevice(sender.snapshot().self.id);
    const end = endOf(sender);
    await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    expect((await end).state).toMatchObject({ kind: 'failed', error: { code: 'not-trusted' } });
    expect(await namesIn(await bench.folder('second-received'))).toEqual([]);
  });
});

describe('a device that is forgotten while it sends', () => {
  it.each(['in the same process', 'by another process'] as const)('is cut off at once: %s', async (how) => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('film.mov');
    await writeFile(source, noise(160 * 1024 * 1024));
    const offered = offerTo(receiver);
    const ends = [endOf(sender), endOf(receiver)];
    const running = new Promise<void>((resolve) => {
      receiver.subscribe((event) => {
        if (event.type === 'transfer' && event.transfer.state.kind === 'running') resolve();
      });
    });
    await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    const { id } = sender.snapshot().self;
    if (how === 'in the same process') {
      await acceptOffer(receiver, await offered);
      await running;
      await receiver.forgetDevice(id);
    } else {
      // While the offer stands, so that the speed of this machine does not matter.
      await offered;
      const other = await createEngine({ profile: await bench.folder('second-profile') });
      await other.forgetDevice(id);
      await other.close();
    }
    for (const { state } of await Promise.all(ends)) {
      expect(state).toMatchObject({ kind: 'failed', error: { code: 'device-forgotten' } });
    }
    expect(await namesIn(await bench.folder('second-received'))).toEqual([]);
  });
});

describe('TLS', () => {
  it('below 1.3 is not spoken to whoever dials', async () => {
    const receiver = await bench.engine('receiver');
    const port = receiver.snapshot().port ?? 0;
    const dial = RawPeer.dial(port, ALPN_TRANSFER, await generateIdentity(), { maxVersion: 'TLSv1.2' });
    await expect(dial).rejects.toThrow(/alert|version|protocol/i);
    const modern = await RawPeer.dial(port, ALPN_TRANSFER, await generateIdentity());
    expect(modern.socket.getProtocol()).toBe('TLSv1.3');
    modern.close();
  });

  it('below 1.3 is not spoken to whoever is dialled', async () => {
    const [sender, receiver] = await bench.pair();
    await receiver.close();
    const source = await bench.folder('note.txt');
    await writeFile(source, 'hello');
    const old = await impostor(await generateIdentity(), ALPN_TRANSFER, { maxVersion: 'TLSv1.2' });
    const end = endOf(sender);
    await sender.send({
      device: receiver.snapshot().self.id,
      paths: [source],
      to: { host: '127.0.0.1', port: old.port },
    });
    expect((await end).state).toMatchObject({ kind: 'failed', error: { code: 'tls-failed' } });
    old.server.close();
  });

  it('with another key than the paired one is left before a byte is sent', async () => {
    const [sender, receiver] = await bench.pair();
    await receiver.close();
    const source = await bench.folder('note.txt');
    await writeFile(source, 'hello');
    const thief = await impostor(await generateIdentity(), ALPN_TRANSFER);
    const end = endOf(sender);
    await sender.send({
      device: receiver.snapshot().self.id,
      paths: [source],
      to: { host: '127.0.0.1', port: thief.port },
    });
    expect((await end).state).toMatchObject({ kind: 'failed', error: { code: 'peer-key-mismatch' } });
    expect(thief.received()).toBe(0);
    thief.server.close();
  });

  it('finds nobody when the other device is off', async () => {
    const [sender, receiver] = await bench.pair();
    await receiver.close();
    const source = await bench.folder('note.txt');
    await writeFile(source, 'hello');
    const end = endOf(sender);
    await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    expect((await end).state).toMatchObject({ kind: 'failed', error: { code: 'unreachable' } });
  });
});

describe('a paired peer that breaks the protocol', () => {
  const say: readonly (readonly [string, (peer: RawPeer) => void, string])[] = [
    [
      'a control message that is too long',
      (peer) => {
        const header = Buffer.alloc(5);
        header.writeUInt32BE(MAX_CONTROL_BODY_BYTES + 1);
        header.writeUInt8(FRAME_TYPES.hello, 4);
        peer.raw(header);
      },
      'frame-too-long',
    ],
    [
      'an unknown type',
      (peer) => {
        peer.frame(0x7f, new Uint8Array(1));
      },
      'frame-unknown-type',
    ],
    [
      'a message of the pairing protocol',
      (peer) => {
        peer.message('verdict', { matches: true });
      },
      'frame-unknown-type',
    ],
    [
      'a message at the wrong moment',
      (peer) => {
        peer.message('offer', { transfer: '0'.repeat(32), ...offer });
      },
      'frame-out-of-order',
    ],
    [
      'a chunk before anything was accepted',
      (peer) => {
        peer.frame(FRAME_TYPES.chunk, new Uint8Array(100));
      },
      'frame-out-of-order',
    ],
    [
      'a body that is no CBOR',
      (peer) => {
        peer.frame(FRAME_TYPES.hello, new Uint8Array([0xff]));
      },
      'frame-malformed',
    ],
    [
      'a body with a key too many',
      (peer) => {
        peer.message('hello', { version: 1, name: 'Peer', hosts: [], port: 0, wakePort: 0, extra: true });
      },
      'frame-malformed',
    ],
    [
      'another version of the protocol',
      (peer) => {
        peer.message('hello', { version: 2, name: 'Peer', hosts: [], port: 0, wakePort: 0 });
      },
      'protocol-version',
    ],
  ];
  it.each(say)('is told why and cut off: %s', async (_name, speak, code) => {
    const { receiver, peer } = await receiverAndHostilePeer(bench);
    speak(peer);
    expect(await peer.ending()).toBe(code);
    expect(receiver.snapshot().transfers).toEqual([]);
    expect(await namesIn(await bench.folder('receiver-received'))).toEqual([]);
  });

  it('starts before it was accepted', async () => {
    const { receiver, peer } = await receiverAndHostilePeer(bench);
    const end = endOf(receiver);
    await new HostileTransfer(peer).offer(offer);
    peer.message('start', { kemCiphertext: new Uint8Array(1120), header: new Uint8Array(24) });
    expect(await peer.ending()).toBe('frame-out-of-order');
    expect((await end).state).toMatchObject({ kind: 'failed', error: { code: 'frame-out-of-order' } });
    expect(await namesIn(await bench.folder('receiver-received'))).toEqual([]);
  });

  it('offers an id that is already under way', async () => {
    const { receiver, peer } = await receiverAndHostilePeer(bench);
    const offered = offerTo(receiver);
    const message = await new HostileTransfer(peer).offer(offer);
    await offered;
    peer.message('offer', message);
    expect(await peer.ending()).toBe('frame-out-of-order');
    expect(await namesIn(await bench.folder('receiver-received'))).toEqual([]);
  });
});

describe('an offer that does not fit', () => {
  it('into the free space is asked about again, and a no is one, with nothing on disk', async () => {
    const { receiver, peer } = await receiverAndHostilePeer(bench);
    const offered = offerTo(receiver);
    const end = endOf(receiver);
    await new HostileTransfer(peer).offer({ ...offer, bytes: 2 ** 52 });
    const back = offeredAgain(receiver);
    await acceptOffer(receiver, await offered);
    const again = await back;
    expect(again.state).toMatchObject({ problem: { code: 'no-space' } });
    await declineOffer(receiver, again);
    expect(await peer.ending()).toBe('declined');
    expect((await end).state).toMatchObject({ kind: 'declined' });
    expect(await namesIn(await bench.folder('receiver-received'))).toEqual([]);
  });
});

describe('a source that changes while it is sent', () => {
  it('costs only the files that are not there any more, and both sides say which', async () => {
    const [sender, receiver] = await bench.pair();
    const source = await bench.folder('Work');
    await makeTree(source, { small: 20, large: 1024 * 1024 });
    await writeFile(join(source, 'shrinks.bin'), noise(3_000_000));
    await writeFile(join(source, 'vanishes.bin'), noise(3_000_000));
    const offered = offerTo(receiver);
    const ends = [endOf(sender), endOf(receiver)];
    await sender.send({ device: receiver.snapshot().self.id, paths: [source] });
    const shown = await offered;
    await truncate(join(source, 'shrinks.bin'), 1000);
    await rm(join(source, 'vanishes.bin'));
    await acceptOffer(receiver, shown);
    for (const { state } of await Promise.all(ends)) {
      expect(state.kind).toBe('incomplete');
      const outcome = cameTo({ state });
      expect(outcome.skipped).toEqual([{ path: 'Work/vanishes.bin', reason: 'vanished' }]);
      expect(outcome.skippedCount).toBe(1);
      expect(outcome.files).toBe(25);
    }
    const arrived = join(await bench.folder('second-received'), 'Work');
    const names = await namesIn(arrived);
    expect(names).toContain('film.mov');
    expect(await readFile(join(arrived, 'shrinks.bin'))).toEqual(await readFile(join(source, 'shrinks.bin')));
    expect(names).not.toContain('vanishes.bin');
  });

  it('that is gone altogether is said before anything is dialled', async () => {
    const [sender, receiver] = await bench.pair();
    const end = endOf(sender);
    await sender.send({ device: receiver.snapshot().self.id, paths: [await bench.folder('not-there')] });
    // What it was about is shown all the same, and why it came to nothing.
    expect(await end).toMatchObject({
      items: [{ name: basename(await bench.folder('not-there')) }],
      itemCount: 1,
      state: {
        kind: 'failed',
        error: { code: 'source-missing' },
        leftOut: { skipped: [{ reason: 'vanished' }], skippedCount: 1 },
      },
    });
    await expect(sendAndAccept(sender, receiver, [])).rejects.toMatchObject({ code: 'nothing-to-send' });
  });
});
