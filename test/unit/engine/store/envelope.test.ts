import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SealaneError } from '../../../../shared/errors.ts';
import { decode, encode } from '../../../../src-main/engine/store/envelope.ts';

const schema = z.array(z.object({ name: z.string(), size: z.number().nullable() }));
const payload = [
  { name: 'Ünïcode \u2028 "quoted"', size: 1.5 },
  { name: '', size: null },
];

describe('an envelope', () => {
  it('gives back what was put in', () => {
    expect(decode(encode(payload), schema)).toEqual({ value: payload });
  });

  it('shows every single changed byte and every cut as damage', () => {
    const bytes = Buffer.from(encode(payload));
    for (let i = 0; i < bytes.length - 1; i += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8((bytes.readUInt8(i) + 1) % 256, i);
      expect(decode(changed.toString(), schema)).toBeUndefined();
      expect(decode(bytes.subarray(0, i).toString(), schema)).toBeUndefined();
    }
  });

  it('refuses a payload of another shape', () => {
    expect(decode(encode([{ name: 1 }]), schema)).toBeUndefined();
    expect(decode('null', schema)).toBeUndefined();
  });

  it('does not mistake what a newer version wrote for damage', () => {
    expect(() => decode(encode({ later: true }, 2), schema)).toThrow(SealaneError);
  });
});
