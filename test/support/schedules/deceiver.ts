import { join } from 'node:path';
import { KEY_FILE, loadIdentity } from '../../../src-main/engine/identity/key-file.ts';
import { ALPN_TRANSFER } from '../../../shared/messages.ts';
import { HostileTransfer, data, fileEntry } from '../hostile-sender.ts';
import type { RawOffer } from '../hostile-sender.ts';
import { RawPeer } from '../raw-peer.ts';
import { outside } from './gates.ts';
import type { World } from './world.ts';

/** What a deceiver shows first: the name says it all, and it is ten bytes long. */
export const LETTER: RawOffer = {
  items: [{ name: 'letter.txt', kind: 'file', program: false }],
  itemCount: 1,
  files: 1,
  folders: 0,
  bytes: 10,
  hidden: 0,
  programs: 0,
};

/** The letter's offer with files of other names. */
export function filesCalled(...names: readonly string[]): RawOffer {
  const items = names.map((name) => ({ name, kind: 'file' as const, program: false }));
  const count = names.length;
  return { ...LETTER, items, itemCount: count, files: count, bytes: count * LETTER.bytes };
}

/** A device that is trusted and holds the sender's key: it makes several offers under one id, and sends what each says. */
export class Deceiver {
  readonly #world: World;
  readonly #accepted: RawOffer[] = [];
  readonly #peers: RawPeer[] = [];
  readonly #lines: Promise<void>[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** The offers that the receiver has accepted. */
  get accepted(): readonly RawOffer[] {
    return this.#accepted;
  }

  /** Resolves once the offer is on its way. What comes of it goes on by itself. */
  async offer(offer: RawOffer): Promise<void> {
    await outside(async () => {
      const { identity } = await loadIdentity(join(this.#world.sender.options.profile, KEY_FILE));
      const peer = await RawPeer.dial(this.#world.receiver.port, ALPN_TRANSFER, identity);
      this.#peers.push(peer);
      const transfer = new HostileTransfer(peer, this.#world.id);
      this.#world.id = transfer.id;
      const message = await transfer.offer(offer);
      this.#lines.push(this.#send(transfer, message, offer).catch(() => undefined));
    });
  }

  async #send(
    transfer: HostileTransfer,
    message: Awaited<ReturnType<HostileTransfer['offer']>>,
    offer: RawOffer,
  ): Promise<void> {
    await transfer.agree(message);
    this.#accepted.push(offer);
    const content = Buffer.alloc(Math.min(offer.bytes, LETTER.bytes), 'x');
    const chunk = transfer.seal(
      (writer) => {
        for (const { name } of offer.items) {
          writer.entry(fileEntry([name], content.length));
          data(writer, content);
          writer.end();
        }
        const files = offer.items.length;
        writer.finish({ files, bytes: files * content.length, skippedCount: 0 });
      },
      { final: true },
    );
    transfer.send(chunk);
    // Until the receiver says that it is over.
    await transfer.peer.ending();
  }

  /** Whether no line is open any more. */
  async isOver(): Promise<boolean> {
    let open = true;
    await Promise.race([Promise.all(this.#lines).then(() => (open = false)), Promise.resolve()]);
    return !open;
  }

  close(): void {
    for (const peer of this.#peers) peer.close();
  }
}
