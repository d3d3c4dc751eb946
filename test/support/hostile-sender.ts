import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { encodeCbor } from '../../src-main/engine/codec/cbor.ts';
import { ChunkWriter } from '../../src-main/engine/content/chunk-writer.ts';
import type { ContentEntry } from '../../src-main/engine/content/records.ts';
import { chunkAssociatedData, loadCipher, sealedLength } from '../../src-main/engine/content/seal.ts';
import type { Sealer } from '../../src-main/engine/content/seal.ts';
import type { Engine } from '../../src-main/engine/index.ts';
import { KEY_FILE, loadIdentity } from '../../src-main/engine/identity/key-file.ts';
import type { Offer } from '../../src-main/engine/transfer/greeting.ts';
import { encapsulate, transcriptHash, transferKey } from '../../src-main/engine/transfer/key-schedule.ts';
import { MAX_CHUNK_PLAINTEXT_BYTES } from '../../shared/limits.ts';
import { FRAME_TYPES } from '../../shared/frame-types.ts';
import { ALPN_TRANSFER, TRANSFER_PROTOCOL } from '../../shared/messages.ts';
import { transferIdSchema } from '../../shared/views.ts';
import type { TransferId } from '../../shared/views.ts';
import { acceptOffer, pairEngines } from './engines.ts';
import type { Bench } from './engines.ts';
import { RawPeer } from './raw-peer.ts';

/** What an offer says; a test changes what it wants to lie about. */
export type RawOffer = Omit<Offer, 'transfer'>;

/** An engine, and a peer that it trusts and that keeps to no rule. */
export async function receiverAndHostilePeer(
  bench: Bench,
): Promise<{ readonly receiver: Engine; readonly peer: RawPeer }> {
  const receiver = await bench.engine('receiver');
  const honest = await bench.engine('hostile');
  await pairEngines(receiver, honest);
  await honest.close();
  const { identity } = await loadIdentity(join(await bench.folder('hostile-profile'), KEY_FILE));
  const peer = await RawPeer.dial(receiver.snapshot().port ?? 0, ALPN_TRANSFER, identity);
  return { receiver, peer };
}

/** A transfer up to the point where chunks flow, and then chunks with whatever in them. */
export class HostileTransfer {
  readonly id: TransferId;
  readonly peer: RawPeer;
  #sealer: Sealer | undefined;

  /** A new transfer, or a further connection of the one with this id. */
  constructor(peer: RawPeer, id?: TransferId) {
    this.peer = peer;
    this.id = id ?? transferIdSchema.parse(randomBytes(16).toString('hex'));
  }

  /** Says hello and offers; the receiver's user has not answered when this resolves. */
  async offer(offer: RawOffer): Promise<{ readonly transfer: TransferId } & RawOffer> {
    this.peer.hello();
    await this.peer.expect('hello');
    const message = { transfer: this.id, ...offer };
    this.peer.message('offer', message);
    return message;
  }

  /** Offers, lets the receiver accept, and agrees on the key. */
  async start(receiver: Engine, offer: RawOffer): Promise<void> {
    const offered = new Promise<void>((resolve) => {
      receiver.subscribe((event) => {
        if (event.type !== 'transfer' || event.transfer.state.kind !== 'offered') return;
        void acceptOffer(receiver, event.transfer);
        resolve();
      });
    });
    const message = await this.offer(offer);
    await offered;
    await this.agree(message);
  }

  /** Agrees on the key with a receiver that accepts; gives the place at which it wants the content to begin. */
  async agree(
    message: { readonly transfer: TransferId } & RawOffer,
  ): Promise<{ readonly entry: number; readonly offset: number }> {
    const accept = await this.peer.expect('accept');
    const { ciphertext, sharedSecret } = await encapsulate(accept.kemPublicKey);
    const key = transferKey({
      sharedSecret,
      exporter: this.peer.exporter(TRANSFER_PROTOCOL.exporterLabel),
      transcript: transcriptHash(encodeCbor(message), encodeCbor(accept)),
    });
    this.#sealer = (await loadCipher()).sealer(key);
    this.peer.message('start', { kemCiphertext: ciphertext, header: this.#sealer.header });
    return { entry: accept.entry, offset: accept.offset };
  }

  /** The next sealed chunk of the stream, as if at `entry` and `offset`. Not sent yet. */
  seal(
    fill: (writer: ChunkWriter) => void,
    { entry = 0, offset = 0, final = false }: { entry?: number; offset?: number; final?: boolean } = {},
  ): Uint8Array {
    const writer = new ChunkWriter(MAX_CHUNK_PLAINTEXT_BYTES);
    fill(writer);
    const sealed = new Uint8Array(sealedLength(writer.plaintext.length));
    if (this.#sealer === undefined) throw new Error('not started');
    this.#sealer.seal(writer.plaintext, sealed, chunkAssociatedData(this.id, entry, offset), final);
    return sealed;
  }

  send(sealed: Uint8Array): void {
    this.peer.frame(FRAME_TYPES.chunk, sealed);
  }
}

/** Puts `bytes` into the chunk as the next DATA record. */
export function data(writer: ChunkWriter, bytes: Uint8Array): void {
  writer.dataTarget(bytes.length).set(bytes);
  writer.commitData(bytes.length);
}

/** A file's ENTRY. */
export function fileEntry(path: readonly string[], size: number): ContentEntry {
  return { kind: 'file', path: [...path], size, mtimeUs: 1_000_000_000_000_000, executable: false };
}
