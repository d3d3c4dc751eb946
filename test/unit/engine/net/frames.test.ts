import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, encodeFrame } from '../../../../src-main/engine/net/frames.ts';
import { MAX_CHUNK_BODY_BYTES, MAX_CONTROL_BODY_BYTES } from '../../../../shared/limits.ts';
import { FRAME_TYPES } from '../../../../shared/frame-types.ts';

const types = new Set<number>([FRAME_TYPES.ping, FRAME_TYPES.offer, FRAME_TYPES.chunk]);

const header = (type: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(5);
  new DataView(bytes.buffer).setUint32(0, length);
  bytes[4] = type;
  return bytes;
};

describe('a frame reader', () => {
  it('gives the same frames however the bytes are cut', () => {
    const body = fc.uint8Array({ maxLength: 50 });
    fc.assert(
      fc.property(
        fc.array(body, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 9 })),
        (bodies, cuts) => {
          const stream = Buffer.concat(bodies.map((each) => encodeFrame(FRAME_TYPES.offer, each)));
          const reader = new FrameReader(types);
          const frames = [];
          let at = 0;
          for (let i = 0; at < stream.length; i += 1) {
            const end = at + (cuts[i % Math.max(1, cuts.length)] ?? 7);
            frames.push(...reader.push(stream.subarray(at, end)));
            at = end;
          }
          expect(frames.map((frame) => [frame.type, [...frame.body]])).toEqual(
            bodies.map((each) => [FRAME_TYPES.offer, [...each]]),
          );
          expect(reader.atBoundary).toBe(true);
        },
      ),
    );
  });

  it('takes memory for a body only after its length was checked', () => {
    const reader = new FrameReader(types);
    const asked: number[] = [];
    reader.allocateChunksWith((length) => {
      asked.push(length);
      return new ArrayBuffer(length);
    });
    expect(() => reader.push(header(FRAME_TYPES.chunk, MAX_CHUNK_BODY_BYTES + 1))).toThrow(
      expect.objectContaining({ code: 'frame-too-long' }),
    );
    expect(asked).toEqual([]);
  });

  it('croc 2026, CVE-2020-26164: takes no more memory for tiny chunks than they have, however large the buffers for chunks are', () => {
    const reader = new FrameReader(types);
    const asked: number[] = [];
    reader.allocateChunksWith((length) => {
      asked.push(length);
      return new ArrayBuffer(MAX_CHUNK_BODY_BYTES);
    });
    const flood = Buffer.concat(
      Array.from({ length: 10_000 }, () => encodeFrame(FRAME_TYPES.chunk, new Uint8Array(1))),
    );
    const frames = reader.push(flood);
    expect(frames).toHaveLength(10_000);
    expect(frames.every(({ body }) => body.buffer.byteLength === 1)).toBe(true);
    reader.push(encodeFrame(FRAME_TYPES.chunk, new Uint8Array(MAX_CHUNK_BODY_BYTES)));
    expect(asked).toEqual([MAX_CHUNK_BODY_BYTES]);
  });

  it.each([
    [
      'a control message that is too long',
      header(FRAME_TYPES.offer, MAX_CONTROL_BODY_BYTES + 1),
      'frame-too-long',
    ],
    [
      'CVE-2021-21404: a length that would be negative',
      header(FRAME_TYPES.offer, 0xffffffff),
      'frame-too-long',
    ],
    ['a type of the other protocol', header(FRAME_TYPES.request, 1), 'frame-unknown-type'],
    ['a type that does not exist', header(0xee, 1), 'frame-unknown-type'],
  ])('refuses %s, and whatever follows', (_name, bytes, code) => {
    const reader = new FrameReader(types);
    expect(() => reader.push(bytes)).toThrow(expect.objectContaining({ code }));
    expect(() => reader.push(encodeFrame(FRAME_TYPES.offer, new Uint8Array(1)))).toThrow(
      expect.objectContaining({ code: 'frame-malformed' }),
    );
  });

  it('is not at a boundary inside a frame', () => {
    const reader = new FrameReader(types);
    reader.push(encodeFrame(FRAME_TYPES.offer, new Uint8Array(9)).subarray(0, 8));
    expect(reader.atBoundary).toBe(false);
  });
});
