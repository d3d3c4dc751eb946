import { encode } from 'cborg';
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
});
