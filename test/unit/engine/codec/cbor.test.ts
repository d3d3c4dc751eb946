import { decode, encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeCbor, encodeCbor } from '../../../../src-main/engine/codec/cbor.ts';

const schema = z.strictObject({ a: z.number().int(), bb: z.string() });
const refused: unknown = expect.objectContaining({ code: 'frame-malformed' });
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('CBOR', () => {
  it('comes back as it was', () => {
    const value = { a: 5, bb: 'ü' };
    expect(decodeCbor(schema, encodeCbor(value))).toEqual(value);
    expect(decodeCbor(schema, hex('a2 6161 05 626262 6178'))).toEqual({ a: 5, bb: 'x' });
  });

  it.each([
    ['short', '\ufeffa'],
    ['nothing but that', '\ufeff'],
    ['longer than one byte of length says', `\ufeff${'b'.repeat(300)}`],
    ['longer than two bytes say', `\ufeff${'ü'.repeat(40_000)}`],
    ['with several', '\ufeff\ufeffa\ufeff'],
  ])('keeps a U+FEFF at the beginning of a text that is %s', (_what, text) => {
    const value = { a: 5, bb: text };
    expect(decodeCbor(schema, encodeCbor(value))).toEqual(value);
  });

  it.each([
    ['nothing', ''],
    ['rubbish', 'ffffff'],
    ['a map cut off', 'a2 6161 05'],
    ['bytes after the value', 'a2 6161 05 626262 6178 00'],
    ['keys in another order', 'a2 626262 6178 6161 05'],
    ['a long integer', 'a2 6161 1805 626262 6178'],
    ['a key twice', 'a3 6161 05 6161 05 626262 6178'],
    ['an indefinite map', 'bf 6161 05 626262 6178 ff'],
    ['an unknown key', Buffer.from(encode({ a: 5, bb: 'x', c: 1 })).toString('hex')],
    ['a missing key', Buffer.from(encode({ a: 5 })).toString('hex')],
    ['a value of another kind', Buffer.from(encode({ a: '5', bb: 'x' })).toString('hex')],
    ['a key called __proto__', 'a3 6161 05 626262 6178 69 5f5f70726f746f5f5f a0'],
    ['text that is no UTF-8', 'a2 6161 05 626262 61ff'],
    ['a float for an integer', 'a2 6161 f94500 626262 6178'],
  ])('refuses %s', (_name, bytes) => {
    expect(() => decodeCbor(schema, hex(bytes))).toThrow(refused);
  });

  it('has one form only: a five in two bytes is refused where one in one byte is accepted', () => {
    const one = z.strictObject({ a: z.number() });
    expect(decodeCbor(one, hex('a1 6161 05'))).toEqual({ a: 5 });
    expect(() => decodeCbor(one, hex('a1 6161 1805'))).toThrow(refused);
  });

  it.each([
    ['an empty byte string', '40'],
    ['an empty text', '60'],
    ['an empty list', '80'],
    ['nothing at all', 'f6'],
    ['a number', '00'],
  ])('does not take %s for an empty map', (_name, bytes) => {
    const empty = z.strictObject({});
    expect(decodeCbor(empty, hex('a0'))).toEqual({});
    expect(() => decodeCbor(empty, hex(bytes))).toThrow(refused);
  });

  // Whether a value comes out the same is told in most cases without encoding it again: it must be the same answer.
  describe('accepts exactly what comes out the same when it is encoded again', () => {
    const anything = z.strictObject({
      b: z.boolean().nullable(),
      n: z.number().int(),
      id: z.instanceof(Uint8Array),
      path: z.array(z.string()),
      inner: z.array(z.strictObject({ x: z.number().int(), name: z.string() })),
    });
    const value = fc.record({
      b: fc.option(fc.boolean()),
      n: fc.maxSafeInteger(),
      id: fc.uint8Array({ maxLength: 20 }),
      path: fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 3 }),
      inner: fc.array(
        fc.record({
          x: fc.integer(),
          name: fc.constantFrom('a', 'ü', '\ufffd', '', '\ufeffa', `\ufeff${'b'.repeat(300)}`),
        }),
        {
          maxLength: 2,
        },
      ),
    });

    function isAccepted(bytes: Uint8Array): boolean {
      try {
        decodeCbor(anything, bytes);
        return true;
      } catch {
        return false;
      }
    }

    // The library's own reading loses a U+FEFF, so that it is no judge of texts with one.
    function comesOutTheSame(bytes: Uint8Array): boolean {
      try {
        const read: unknown = decode(bytes, { strict: true, allowIndefinite: false, allowUndefined: false });
        return anything.safeParse(read).success && Buffer.compare(encode(read), bytes) === 0;
      } catch {
        return false;
      }
    }

    it('of what is encoded here', () => {
      fc.assert(
        fc.property(value, (given) => {
          expect(decodeCbor(anything, encodeCbor(given))).toEqual(given);
        }),
      );
    });

    it('of what was changed on the way', () => {
      let accepted = 0;
      fc.assert(
        fc.property(value, fc.nat(), fc.nat(255), fc.boolean(), (given, at, byte, isInserted) => {
          const bytes = encodeCbor(given);
          const place = at % bytes.length;
          const changed = Uint8Array.of(
            ...bytes.subarray(0, place),
            byte,
            ...bytes.subarray(isInserted ? place : place + 1),
          );
          if (!Buffer.from(changed).includes('\ufeff')) {
            expect(isAccepted(changed)).toBe(comesOutTheSame(changed));
          }
          if (isAccepted(changed)) accepted += 1;
        }),
        { numRuns: 3000 },
      );
      expect(accepted).toBeGreaterThan(100);
    });

    it.each([
      ['keys in another order', 'a5 6162 f5 616e 01 64 70617468 80 62 6964 40 65 696e6e6572 80'],
      ['a float for an integer', 'a5 6162 f5 616e f93c00 62 6964 40 64 70617468 80 65 696e6e6572 80'],
      [
        'a float as long as the integer',
        'a5 6162 f5 616e fa47c35000 62 6964 40 64 70617468 80 65 696e6e6572 80',
      ],
      ['text that is no UTF-8', 'a5 6162 f5 616e 01 62 6964 40 64 70617468 81 61ff 65 696e6e6572 80'],
      [
        'keys in another order further in',
        'a5 6162 f5 616e 01 62 6964 40 64 70617468 80 65 696e6e6572 81 a2 64 6e616d65 60 6178 01',
      ],
    ])('and not %s', (_what, text) => {
      const bytes = hex(text);
      expect(anything.safeParse(decode(bytes)).success).toBe(true);
      expect(isAccepted(bytes)).toBe(false);
    });
  });
});
