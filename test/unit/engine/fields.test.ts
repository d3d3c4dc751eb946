import { describe, expect, it } from 'vitest';
import { joinFields, requireLength } from '../../../src-main/engine/fields.ts';
import { fromHex, toHex } from './support.ts';

describe('joinFields', () => {
  it('puts the length of each field before it', () => {
    expect(toHex(joinFields('ab', fromHex('01'), new Uint8Array(), fromHex('0203')))).toBe(
      '000000026162' + '0000000101' + '00000000' + '000000020203',
    );
  });

  it('never gives the same bytes for other fields', () => {
    const cuts = [
      joinFields('l', fromHex('0102'), fromHex('03')),
      joinFields('l', fromHex('01'), fromHex('0203')),
      joinFields('l', fromHex('010203')),
      joinFields('l', fromHex('010203'), new Uint8Array()),
      joinFields('l\u0001', fromHex('02'), fromHex('03')),
    ];
    expect(new Set(cuts.map(toHex)).size).toBe(cuts.length);
  });
});

describe('requireLength', () => {
  it('lets through only the one length', () => {
    expect(() => {
      requireLength('key', new Uint8Array(32), 32);
    }).not.toThrow();
    for (const length of [0, 31, 33]) {
      expect(() => {
        requireLength('key', new Uint8Array(length), 32);
      }).toThrow(RangeError);
    }
  });
});
