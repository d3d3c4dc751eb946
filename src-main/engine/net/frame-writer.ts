import type { Writable } from 'node:stream';

interface Queued {
  readonly frame: Uint8Array;
  readonly onFlushed: (() => void) | undefined;
}

/**
 * Hands frames to a socket one at a time. What a TLS socket is given while it still writes, Node joins before it seals it, with new
 * memory for each join: in Electron, where such memory comes fresh from the system, that took a quarter of the sender's main thread.
 */
export class FrameWriter {
  readonly #socket: Writable;
  readonly #onRoom: () => void;
  #queue: Queued[] = [];
  #queuedBytes = 0;
  #isWriting = false;

  /** `onRoom` is called each time the socket has taken a frame. */
  constructor(socket: Writable, onRoom: () => void) {
    this.#socket = socket;
    this.#onRoom = onRoom;
  }

  /** Bytes that the system has not yet taken. */
  get unflushedBytes(): number {
    return this.#queuedBytes + this.#socket.writableLength;
  }

  /** Writes `frame` after all before it; `onFlushed` is called once, when its memory is no longer needed, also if it never left. */
  write(frame: Uint8Array, onFlushed?: () => void): void {
    this.#queue.push({ frame, onFlushed });
    this.#queuedBytes += frame.length;
    this.#next();
  }

  /** Ends the stream after all that was written. */
  end(): void {
    for (const each of this.#takeAll()) this.#hand(each);
    this.#socket.end();
  }

  /** Writes nothing more. What was handed to the socket is the socket's to end. */
  discard(): void {
    for (const { onFlushed } of this.#takeAll()) onFlushed?.();
  }

  #takeAll(): readonly Queued[] {
    const queue = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    return queue;
  }

  #next(): void {
    if (this.#isWriting) return;
    const queued = this.#queue.shift();
    if (queued === undefined) return;
    this.#queuedBytes -= queued.frame.length;
    this.#isWriting = true;
    this.#hand(queued);
  }

  #hand({ frame, onFlushed }: Queued): void {
    this.#socket.write(frame, () => {
      onFlushed?.();
      this.#isWriting = false;
      this.#next();
      this.#onRoom();
    });
  }
}
