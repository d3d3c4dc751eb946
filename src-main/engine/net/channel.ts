import type { TLSSocket } from 'node:tls';
import type { z } from 'zod';
import { SealaneError, asSealaneError, codeOfWireNumber, wireNumber } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { FRAME_TYPES } from '../../../shared/frame-types.ts';
import type {
  Message,
  MessageBody,
  MessageSchemas,
  Protocol,
  pairMessages,
} from '../../../shared/messages.ts';
import { decodeCbor, encodeCbor } from '../codec/cbor.ts';
import { Connection } from './connection.ts';
import type { Peer, SecuredStream } from './connection.ts';
import { encodeFrame } from './frames.ts';
import type { ChunkAllocator } from './frames.ts';

type CommonMessages = Pick<typeof pairMessages, 'refuse' | 'ping'>;
type FrameName = keyof typeof FRAME_TYPES;

/**
 * Typed messages of one protocol over a connection, which takes pings to itself. A `refuse`
 * from the peer ends the channel and is thrown as the error it stands for. Whatever is not the message that is due ends it too.
 */
export class Channel<Schemas extends MessageSchemas & CommonMessages> {
  readonly peer: Peer;
  readonly #connection: Connection;
  readonly #protocol: Protocol<Schemas>;
  readonly #names: ReadonlyMap<number, FrameName>;
  /** What the peer refused with. */
  #refused: SealaneError | undefined;

  /** Begins to read at once: call only after the peer's key was found good. */
  constructor(stream: SecuredStream, protocol: Protocol<Schemas>) {
    this.peer = stream.peer;
    this.#protocol = protocol;
    this.#names = frameNames(protocol.messages);
    this.#connection = new Connection(stream, {
      types: new Set(this.#names.keys()),
      pingFrame: encodeFrame(FRAME_TYPES.ping, encodeCbor({})),
      hasChunks: 'chunk' in protocol.messages,
    });
    this.#connection.onBrokenStream((error) => {
      void this.refuse(asSealaneError(error, 'frame-malformed'));
    });
  }

  /**
   * 32 bytes known to the two ends of this TLS connection only. Throws what the peer refused with, or why the
   * connection ended.
   */
  exporter(): Uint8Array {
    try {
      return this.#connection.exportKey(this.#protocol.exporterLabel);
    } catch (error) {
      throw this.#lastWord() ?? error;
    }
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** Whether the peer has refused already, also where nobody has come to read that yet. */
  get isRefused(): boolean {
    return this.#lastWord() !== undefined;
  }

  allocateChunksWith(allocate: ChunkAllocator): void {
    this.#connection.allocateChunksWith(allocate);
  }

  onClose(listener: (error: SealaneError) => void): void {
    this.#connection.onClose(listener);
  }

  /** Refuses the peer with `code` unless `clearDeadline` is called within `ms`. */
  setDeadline(ms: number, code: ErrorCode): void {
    this.#connection.setDeadline(ms, new SealaneError(code), (error) => {
      void this.refuse(error);
    });
  }

  clearDeadline(): void {
    this.#connection.clearDeadline();
  }

  /** Sends a message; resolves when there is room for the next. Throws what the peer refused with, or why the connection ended. */
  async send<Name extends keyof Schemas & FrameName>(
    name: Name,
    body: MessageBody<Schemas, Name>,
  ): Promise<void> {
    try {
      await this.#connection.write(encodeFrame(FRAME_TYPES[name], encodeCbor(body)));
    } catch (error) {
      throw this.#lastWord() ?? error;
    }
  }

  /** Sends a frame that is already whole (a sealed chunk); `onFlushed` tells when its memory is free again. */
  async sendFrame(frame: Uint8Array, onFlushed: () => void): Promise<void> {
    await this.#connection.write(frame, onFlushed);
  }

  /** Why the peer closed, when it said so before a write found the connection gone. */
  #lastWord(): SealaneError | undefined {
    if (this.#refused !== undefined) return this.#refused;
    for (const frame of this.#connection.waiting) {
      if (this.#names.get(frame.type) === 'refuse') return this.#refusal(frame.body);
    }
    return undefined;
  }

  #refusal(body: Uint8Array): SealaneError {
    const { reason } = decodeCbor(this.#protocol.messages.refuse, body);
    return new SealaneError(codeOfWireNumber(reason), { fromPeer: true });
  }

  /**
   * The next message, which must be one of `names`. Throws what the peer refused with, `frame-out-of-order` for any other
   * message, `frame-malformed` for a body that does not fit, or the reason for which the connection ended. On an error of the
   * peer's making the peer is told and the connection closed.
   */
  async expect<Name extends keyof Schemas & FrameName>(
    ...names: readonly Name[]
  ): Promise<Extract<Message<Schemas>, { type: Name }>> {
    const frame = await this.#connection.receive();
    const name = this.#names.get(frame.type);
    try {
      if (name === 'refuse') throw this.#refusal(frame.body);
      if (!isOneOf(name, names)) throw new SealaneError('frame-out-of-order', { detail: name ?? 'unknown' });
      const body =
        name === 'chunk' ? frame.body : decodeCbor(schemaOf(this.#protocol.messages, name), frame.body);
      const message = { type: name, body };
      // The schema under this very name has just accepted the body.
      return message as Extract<Message<Schemas>, { type: Name }>;
    } catch (error) {
      const reason = asSealaneError(error);
      if (reason.fromPeer) {
        this.#refused = reason;
        this.#connection.destroy(reason);
      } else void this.refuse(reason);
      throw reason;
    }
  }

  /** Tells the peer why this ends (as a number) and closes. Resolves when closed; never rejects. */
  async refuse(error: SealaneError): Promise<void> {
    await this.#connection.close(
      error,
      encodeFrame(FRAME_TYPES.refuse, encodeCbor({ reason: wireNumber(error.code) })),
    );
  }

  /** Closes in good order after everything was said. Resolves when closed; never rejects. */
  async close(): Promise<void> {
    await this.#connection.close(new SealaneError('connection-lost', { detail: 'closed by this side' }));
  }
}

/** How long a refused stranger may take to read why. */
const REFUSAL_LINGER_MS = 2_000;

/** Tells a peer whose key is not trusted why, without reading anything of what it sends, and closes. Never rejects. */
export async function refuseUnread(socket: TLSSocket, code: ErrorCode): Promise<void> {
  socket.on('error', () => undefined);
  // Bytes left unread would turn the close into a reset that swallows the refusal: they are dropped unparsed.
  socket.resume();
  socket.end(encodeFrame(FRAME_TYPES.refuse, encodeCbor({ reason: wireNumber(code) })));
  await new Promise<void>((resolve) => {
    const linger = setTimeout(resolve, REFUSAL_LINGER_MS);
    socket.once('close', () => {
      clearTimeout(linger);
      resolve();
    });
  });
  socket.destroy();
}

function isOneOf<Name extends FrameName>(name: FrameName | undefined, names: readonly Name[]): name is Name {
  return names.some((candidate) => candidate === name);
}

function schemaOf(messages: MessageSchemas, name: FrameName): z.ZodType {
  const schema = messages[name];
  if (schema === undefined) throw new SealaneError('internal', { detail: 'no schema' });
  return schema;
}

function frameNames(messages: MessageSchemas): ReadonlyMap<number, FrameName> {
  const names = new Map<number, FrameName>();
  for (const name of Object.keys(FRAME_TYPES) as FrameName[]) {
    if (name in messages) names.set(FRAME_TYPES[name], name);
  }
  return names;
}
