import type { TLSSocket } from 'node:tls';
import { SealaneError } from '../../../shared/errors.ts';
import { FRAME_TYPES } from '../../../shared/frame-types.ts';
import { DEAD_AFTER_MS, FRAME_HEADER_BYTES, PING_AFTER_MS, UNREAD_AFTER_MS } from '../../../shared/limits.ts';
import type { DeviceId } from '../../../shared/device-id.ts';
import { FrameWriter } from './frame-writer.ts';
import { FrameReader } from './frames.ts';
import type { ChunkAllocator, Frame, FrameTypes } from './frames.ts';
import { PingAllowance } from './ping-allowance.ts';
import { giveBack } from './read-memory.ts';
import { RecordAllowance } from './record-allowance.ts';

/**
 * Memory that frames may hold while they wait for the reader, before the socket is paused: where chunks are expected, and where they are
 * not, or not yet.
 */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
const MAX_WAITING_SMALL_BYTES = 128 * 1024;

/** What a waiting frame costs beside its body, so that a flood of empty ones is seen for what it is. */
const FRAME_COST_BYTES = 256;

/** Bytes handed to the socket and not yet taken by the system, before a writer has to wait. */
const MAX_UNFLUSHED_BYTES = 2 * 1024 * 1024;

/** How long whoever says goodbye waits for the other side to close. */
const LINGER_MS = 2_000;

/** How long the other side may take to hear it, and to close, where chunks may be under way before it. Where there are none, LINGER_MS. */
const GOODBYE_MS = 20_000;

/** How often the line's liveness is looked at. */
const WATCH_INTERVAL_MS = 1_000;

/** Who is at the other end, proven by the TLS handshake, and from where. */
export interface Peer {
  readonly id: DeviceId;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly host: string;
  readonly port: number;
}

/** A TLS stream to a peer whose key the handshake has proven. Nothing was read from it yet. */
export interface SecuredStream {
  readonly socket: TLSSocket;
  readonly peer: Peer;
  /** How many bytes have come over the network by now, those of TLS itself among them. */
  readonly bytesReceived: () => number;
}

/** What one protocol says, as far as a connection has to know. */
export interface Wire {
  readonly types: FrameTypes;
  readonly pingFrame: Uint8Array;
  /** Whether chunks are among it; else all that is said is small, and neither room nor time is kept for more. */
  readonly hasChunks: boolean;
}

/**
 * Frames over one TLS socket whose peer key was already checked: back-pressure both ways, and a watch that notices a dead
 * line. The first reason for which a connection ends is the one that every later call throws.
 */
export class Connection {
  readonly peer: Peer;
  readonly #socket: TLSSocket;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #wire: Wire;
  readonly #waiting: Frame[] = [];
  #waitingBytes = 0;
  #consumer: { resolve: (frame: Frame) => void; reject: (error: SealaneError) => void } | undefined;
  #writers: (() => void)[] = [];
  #end: SealaneError | undefined;
  #closeListeners: ((error: SealaneError) => void)[] = [];
  readonly #pings = new PingAllowance();
  readonly #records = new RecordAllowance();
  readonly #bytesReceived: () => number;
  #contentReceived = 0;
  #expectsChunks = false;
  #lastReceived = performance.now();
  #lastSent = performance.now();
  /** When the system last took a frame, or there was none for it to take. */
  #lastTaken = performance.now();
  /** How long it may take none. */
  #patience = DEAD_AFTER_MS;
  readonly #watch: NodeJS.Timeout;
  #deadline: NodeJS.Timeout | undefined;

  /** Begins to read at once: call only after the peer's key was found good. */
  constructor({ socket, peer, bytesReceived }: SecuredStream, wire: Wire) {
    this.peer = peer;
    this.#bytesReceived = bytesReceived;
    this.#socket = socket;
    this.#wire = wire;
    this.#reader = new FrameReader(wire.types);
    this.#writer = new FrameWriter(socket, () => {
      this.#lastTaken = performance.now();
      this.#wakeWriters();
    });
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      this.#onData(bytes);
    });
    socket.on('end', () => {
      this.#lose(new SealaneError('connection-lost', { detail: 'closed by the peer' }));
    });
    socket.on('error', (cause: Error) => {
      this.#lose(new SealaneError('connection-lost', { cause, detail: cause.message }));
    });
    socket.on('close', () => {
      clearInterval(this.#watch);
      this.#lose(new SealaneError('connection-lost', { detail: 'closed' }));
    });
    this.#watch = setInterval(() => {
      this.#checkRecords();
      if (this.#end === undefined) this.#checkLiveness();
    }, WATCH_INTERVAL_MS);
  }

  /**
   * Secret known to the two ends of this very TLS connection only (RFC 8446, section 7.5). 32 bytes. Throws
   * why the connection ended.
   */
  exportKey(label: string): Uint8Array {
    if (this.#end !== undefined) throw this.#end;
    if (this.#socket.destroyed) throw new SealaneError('connection-lost', { detail: 'closed' });
    return this.#socket.exportKeyingMaterial(32, label, Buffer.alloc(0));
  }

  /** False from the moment it has ended, for whatever reason. */
  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /** From now on chunks may come, whose bodies go into memory from `allocate`. */
  allocateChunksWith(allocate: ChunkAllocator): void {
    this.#expectsChunks = true;
    this.#reader.allocateChunksWith(allocate);
  }

  /** Ends the connection with `error` unless `clearDeadline` is called within `ms`. One deadline at a time. */
  setDeadline(ms: number, error: SealaneError, onPassed: (error: SealaneError) => void): void {
    this.clearDeadline();
    this.#deadline = setTimeout(() => {
      onPassed(error);
    }, ms);
  }

  clearDeadline(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  /** Calls `listener` once with the reason when the connection has ended; at once when it has already. */
  onClose(listener: (error: SealaneError) => void): void {
    if (this.#end !== undefined) listener(this.#end);
    else this.#closeListeners.push(listener);
  }

  /** The next frame, in order; one call at a time. Rejects with the reason once the connection has ended. */
  receive(): Promise<Frame> {
    const frame = this.#waiting.shift();
    if (frame !== undefined) {
      this.#waitingBytes -= costOf(frame);
      if (this.#hasRoom() && this.#socket.isPaused()) this.#socket.resume();
      return Promise.resolve(frame);
    }
    if (this.#end !== undefined) return Promise.reject(this.#end);
    if (this.#consumer !== undefined)
      return Promise.reject(new SealaneError('internal', { detail: 'two readers' }));
    return new Promise((resolve, reject) => {
      this.#consumer = { resolve, reject };
    });
  }

  /** Frames that arrived and nobody has received yet: when the connection has ended, the peer's last words may be among them. */
  get waiting(): readonly Frame[] {
    return this.#waiting;
  }

  /**
   * Queues a whole frame. Resolves when there is room for the next one; `onFlushed` is called when the socket no longer needs
   * the memory of this one. Rejects with the reason once the connection has ended.
   */
  async write(frame: Uint8Array, onFlushed?: () => void): Promise<void> {
    this.#throwIfEnded();
    if (frame[FRAME_HEADER_BYTES - 1] === FRAME_TYPES.chunk) this.#patience = UNREAD_AFTER_MS;
    this.#send(frame, onFlushed);
    while (this.#writer.unflushedBytes > MAX_UNFLUSHED_BYTES) {
      await new Promise<void>((resolve) => {
        this.#writers.push(resolve);
      });
      this.#throwIfEnded();
    }
  }

  #send(frame: Uint8Array, onFlushed?: () => void): void {
    this.#lastSent = performance.now();
    if (this.#writer.unflushedBytes === 0) this.#lastTaken = this.#lastSent;
    this.#writer.write(frame, onFlushed);
  }

  #throwIfEnded(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  /** Says a last frame if there is one, and closes in good order: what was written still arrives. Nothing more is read. */
  async close(reason: SealaneError, lastFrame?: Uint8Array): Promise<void> {
    if (this.#end !== undefined) return;
    this.#finish(reason);
    // Nobody will ask for them, and the connection may stay for a while.
    this.#waiting.length = 0;
    // Unread bytes would turn the close into a reset, and the reset would swallow the last frame: they are drained unparsed.
    this.#socket.resume();
    if (lastFrame !== undefined) this.#writer.write(lastFrame);
    this.#writer.end();
    // Behind megabytes that a slow line has not yet carried, the last frame needs its time; nobody has to wait for that.
    const goodbye = setTimeout(() => this.#socket.destroy(), this.#wire.hasChunks ? GOODBYE_MS : LINGER_MS);
    await new Promise<void>((resolve) => {
      const linger = setTimeout(resolve, LINGER_MS);
      this.#socket.once('close', () => {
        clearTimeout(linger);
        clearTimeout(goodbye);
        resolve();
      });
    });
  }

  /** Ends the connection now. Idempotent: only the first reason counts. */
  destroy(reason: SealaneError): void {
    if (this.#end !== undefined) return;
    this.#finish(reason);
    this.#socket.destroy();
    this.#writer.discard();
  }

  /** A turn later: whoever was just given the peer's last frame may find in it why the peer went, and that tells more. */
  #lose(reason: SealaneError): void {
    setImmediate(() => {
      this.destroy(reason);
    });
  }

  #finish(reason: SealaneError): void {
    this.#end = reason;
    this.clearDeadline();
    this.#wakeWriters();
    this.#consumer?.reject(reason);
    this.#consumer = undefined;
    const listeners = this.#closeListeners;
    this.#closeListeners = [];
    for (const listener of listeners) listener(reason);
  }

  #onData(bytes: Buffer): void {
    if (this.#end !== undefined) return;
    this.#lastReceived = performance.now();
    let frames: Frame[];
    try {
      frames = this.#reader.push(bytes);
    } catch (error) {
      this.#rejectStream(error);
      return;
    }
    // The reader has copied what it keeps.
    giveBack(bytes);
    for (const frame of frames) {
      if (frame.type === FRAME_TYPES.chunk) this.#contentReceived += frame.body.length;
      if (frame.type === FRAME_TYPES.ping) {
        const error = this.#wrongWith(frame);
        if (error === undefined) continue;
        this.#rejectStream(error);
        return;
      }
      const consumer = this.#consumer;
      if (consumer !== undefined) {
        this.#consumer = undefined;
        consumer.resolve(frame);
      } else {
        this.#waiting.push(frame);
        this.#waitingBytes += costOf(frame);
      }
    }
    if (!this.#hasRoom()) this.#socket.pause();
  }

  /** A ping has done all that it can by having arrived. */
  #wrongWith({ body }: Frame): SealaneError | undefined {
    if (!this.#pings.take()) return new SealaneError('frame-out-of-order', { detail: 'too many pings' });
    const expected = this.#wire.pingFrame.subarray(FRAME_HEADER_BYTES);
    return Buffer.compare(expected, body) === 0
      ? undefined
      : new SealaneError('frame-malformed', { detail: 'ping' });
  }

  #hasRoom(): boolean {
    return this.#waitingBytes <= (this.#expectsChunks ? MAX_WAITING_BYTES : MAX_WAITING_SMALL_BYTES);
  }

  #brokenStreamListener: (error: unknown) => void = () => undefined;

  /** What to do when the bytes are no frames: the channel above tells the peer why before it closes. */
  onBrokenStream(listener: (error: unknown) => void): void {
    this.#brokenStreamListener = listener;
  }

  #rejectStream(error: unknown): void {
    this.#socket.pause();
    this.#brokenStreamListener(error);
  }

  #wakeWriters(): void {
    const writers = this.#writers;
    this.#writers = [];
    for (const wake of writers) wake();
  }

  #checkLiveness(): void {
    const now = performance.now();
    // While this side has paused the socket, silence says nothing about the other one.
    if (this.#socket.isPaused()) this.#lastReceived = now;
    const isUnread = this.#writer.unflushedBytes > 0 && now - this.#lastTaken > this.#patience;
    if (isUnread || now - this.#lastReceived > DEAD_AFTER_MS) {
      this.destroy(new SealaneError('connection-stalled'));
    } else if (now - this.#lastSent > PING_AFTER_MS) this.#send(this.#wire.pingFrame);
  }

  /** Also while the goodbye is on its way: TLS goes on answering what comes meanwhile. */
  #checkRecords(): void {
    const decrypted = this.#socket.bytesRead;
    // What comes after the end is no longer told apart.
    const content = this.#end === undefined ? this.#contentReceived : decrypted;
    if (!this.#records.isExceeded({ raw: this.#bytesReceived(), decrypted, content })) return;
    this.destroy(new SealaneError('frame-out-of-order', { detail: 'too many TLS records' }));
    this.#socket.destroy();
  }
}

/** A small chunk in a large buffer costs the buffer. */
function costOf(frame: Frame): number {
  return frame.body.buffer.byteLength + FRAME_COST_BYTES;
}
