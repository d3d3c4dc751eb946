import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, encodeFrame } from '../../src-main/engine/net/frames.ts';
import type { Frame } from '../../src-main/engine/net/frames.ts';
import { MAX_CHUNK_BODY_BYTES, MAX_CONTROL_BODY_BYTES } from '../../shared/limits.ts';
import { FRAME_TYPES } from '../../shared/frame-types.ts';
import { transferMessages } from '../../shared/messages.ts';
import { codeOf, fuzz, mutated, pieces } from './fuzz.ts';

const types = new Set<number>(
  Object.entries(FRAME_TYPES).flatMap(([name, type]) => (name in transferMessages ? [type] : [])),
);
const knownTypes = fc.constantFrom(...types);

const wholeFrame = fc
  .tuple(knownTypes, fc.uint8Array({ maxLength: 300 }))
  .map(([type, body]) => encodeFrame(type, body));

/** A header that may claim anything, without the body it claims. */
const header = fc
  .tuple(
    fc.oneof(
      fc.nat({ max: 70_000 }),
      fc.nat({ max: 0xffffffff }),
      fc.constantFrom(0, 0x7fffffff, 0x80000000, 0xffffffff),
    ),
    fc.oneof(knownTypes, fc.nat({ max: 255 })),
  )
  .map(([length, type]) => {
    const bytes = Buffer.alloc(5);
    bytes.writeUInt32BE(length);
    bytes.writeUInt8(type, 4);
    return Uint8Array.from(bytes);
  });

const stream = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: wholeFrame },
      { weight: 1, arbitrary: header },
      { weight: 1, arbitrary: mutated(wholeFrame) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    ),
    { maxLength: 12 },
  )
  .map((parts) => Uint8Array.from(Buffer.concat(parts)));

interface Reading {
  readonly frames: readonly Frame[];
  readonly ended: string | undefined;
  /** The most memory that was asked for at one time, beyond what had arrived. */
  readonly ahead: number;
}

/** Reads the stream in these pieces, as far as it goes. */
async function read(parts: readonly Uint8Array[]): Promise<Reading> {
  const reader = new FrameReader(types);
  let asked = 0;
  reader.allocateChunksWith((length) => {
    asked = Math.max(asked, length);
    return new ArrayBuffer(length);
  });
  const frames: Frame[] = [];
  for (const part of parts) {
    const ended = await codeOf(() => frames.push(...reader.push(part)));
    if (ended !== undefined) {
      // Broken is broken, whatever comes.
      expect(await codeOf(() => reader.push(encodeFrame(FRAME_TYPES.ping, new Uint8Array(1))))).toBe(
        'frame-malformed',
      );
      return { frames, ended, ahead: asked };
    }
  }
  return { frames, ended: undefined, ahead: asked };
}

describe('the frame parser', () => {
  it('reads any bytes, however they are cut, to the same frames and the same named end, in bounded memory', async () => {
    await fuzz(600, [stream, fc.array(fc.nat(), { maxLength: 20 })], async (bytes, cuts) => {
      const { frames, ended, ahead } = await read(pieces(bytes, cuts));
      const byteByByte = await read(Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)));
      expect(byteByByte.ended).toBe(ended);
      const plain = (of: readonly Frame[]) =>
        of.map(({ type, body }) => [type, Buffer.from(body).toString('hex')]);
      // Frames before an error that came in the same piece are not given out; none is given out differently.
      expect(plain(byteByByte.frames).slice(0, frames.length)).toEqual(plain(frames));
      if (ended === undefined) expect(byteByByte.frames).toHaveLength(frames.length);
      expect([undefined, 'frame-too-long', 'frame-unknown-type']).toContain(ended);
      expect(ahead).toBeLessThanOrEqual(MAX_CHUNK_BODY_BYTES);
      const written = Buffer.concat(byteByByte.frames.map(({ type, body }) => encodeFrame(type, body)));
      expect(Buffer.compare(written, bytes.subarray(0, written.length))).toBe(0);
      for (const { type, body } of frames) {
        expect(types.has(type)).toBe(true);
        expect(body.length).toBeLessThanOrEqual(
          type === FRAME_TYPES.chunk ? MAX_CHUNK_BODY_BYTES : MAX_CONTROL_BODY_BYTES,
        );
      }
    });
  });
});
