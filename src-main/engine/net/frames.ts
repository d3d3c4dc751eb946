import { SealaneError } from '../../../shared/errors.ts';
import { FRAME_HEADER_BYTES, MAX_CHUNK_BODY_BYTES, MAX_CONTROL_BODY_BYTES } from '../../../shared/limits.ts';
import { FRAME_TYPES } from '../../../shared/frame-types.ts';

/**
 * Frames: a 4-byte big-endian body length, a 1-byte type, the body. Length and type are checked as soon as the header is
 * there, before memory is taken for the body.
 */

export interface Frame {
  readonly type: number;
  /** The reader's own memory, handed over: nobody else holds it. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Writes a header for a body of `length` bytes at the beginning of `target`. */
export function writeFrameHeader(target: Uint8Array, type: number, length: number): void {
  const view = new DataView(target.buffer, target.byteOffset, FRAME_HEADER_BYTES);
  view.setUint32(0, length);
  view.setUint8(4, type);
}

/** A whole frame around `body`, which is copied. */
export function encodeFrame(type: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(FRAME_HEADER_BYTES + body.length);
  writeFrameHeader(frame, type, body.length);
  frame.set(body, FRAME_HEADER_BYTES);
  return frame;
}

/**
 * Shorter chunks get memory of their own size. What an allocator gives is as large as the largest chunk may be: thousands of tiny
 * ones, which fit into what the system hands over at once, would take a million bytes each.
 */
const ALLOCATED_FROM_BYTES = 64 * 1024;

/** The types one protocol knows, by number. */
export type FrameTypes = ReadonlySet<number>;

/** Gives memory of at least `length` bytes for a chunk's body. */
export type ChunkAllocator = (length: number) => ArrayBuffer;

type Reading =
  | { readonly kind: 'header'; filled: number }
  | { readonly kind: 'body'; readonly type: number; readonly body: Uint8Array<ArrayBuffer>; filled: number }
  | { readonly kind: 'broken' };

/**
 * Cuts a byte stream into frames, however the bytes are split on the way. Not reentrant. After it threw it stays broken:
 * a stream out of step has no next frame.
 */
export class FrameReader {
  readonly #types: FrameTypes;
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #state: Reading = { kind: 'header', filled: 0 };
  #allocate: ChunkAllocator = (length) => new ArrayBuffer(length);

  constructor(types: FrameTypes) {
    this.#types = types;
  }

  /** From now on bodies of large chunks go into memory from `allocate`. */
  allocateChunksWith(allocate: ChunkAllocator): void {
    this.#allocate = allocate;
  }

  /** True between two frames: where a stream may end without having been cut off. */
  get atBoundary(): boolean {
    return this.#state.kind === 'header' && this.#state.filled === 0;
  }

  /** Takes the next bytes and gives the frames they complete. Throws `frame-too-long`, `frame-unknown-type`. */
  push(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < bytes.length || this.#isComplete()) {
      const state = this.#state;
      if (state.kind === 'broken')
        throw new SealaneError('frame-malformed', { detail: 'after a broken frame' });
      const target = state.kind === 'header' ? this.#header : state.body;
      const take = Math.min(target.length - state.filled, bytes.length - at);
      target.set(bytes.subarray(at, at + take), state.filled);
      state.filled += take;
      at += take;
      if (state.filled < target.length) break;
      if (state.kind === 'body') {
        frames.push({ type: state.type, body: state.body });
        this.#state = { kind: 'header', filled: 0 };
      } else {
        this.#state = { kind: 'broken' };
        this.#state = this.#beginBody();
      }
    }
    return frames;
  }

  /** A body of no bytes is complete as soon as its header is. */
  #isComplete(): boolean {
    return this.#state.kind === 'body' && this.#state.body.length === 0;
  }

  #beginBody(): Reading {
    const view = new DataView(this.#header.buffer);
    const length = view.getUint32(0);
    const type = view.getUint8(4);
    if (!this.#types.has(type)) throw new SealaneError('frame-unknown-type', { detail: String(type) });
    const isChunk = type === FRAME_TYPES.chunk;
    const limit = isChunk ? MAX_CHUNK_BODY_BYTES : MAX_CONTROL_BODY_BYTES;
    if (length > limit)
      throw new SealaneError('frame-too-long', { detail: `${String(length)} of type ${String(type)}` });
    const memory =
      isChunk && length >= ALLOCATED_FROM_BYTES ? this.#allocate(length) : new ArrayBuffer(length);
    return { kind: 'body', type, body: new Uint8Array(memory, 0, length), filled: 0 };
  }
}
