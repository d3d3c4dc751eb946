import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  deviceIdSchema,
  deviceIdStartsWith,
  formatDeviceId,
  parseDeviceId,
} from '../../../shared/device-id.ts';
import vectors from '../../vectors/device-id.json' with { type: 'json' };

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const hashOf = (text: string) => createHash('sha256').update(text).digest();
const ids = Array.from({ length: 5 }, (_, at) => formatDeviceId(hashOf(String(at))));
const charactersOf = (id: string) => id.replaceAll('-', '');

describe('writing a device id', () => {
  it.each(vectors.writing)('$id is as in the test vectors', ({ hash, id }) => {
    expect(formatDeviceId(new Uint8Array(Buffer.from(hash, 'hex')))).toBe(id);
  });

  it('is base32 in thirteen groups of four and a check character', () => {
    for (const id of ids) expect(id).toMatch(/^([A-Z2-7]{4}-){13}[A-Z2-7]$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('holds all 256 bits', () => {
    for (let bit = 0; bit < 256; bit += 1) {
      const hash = new Uint8Array(32);
      hash[bit >> 3] = 0x80 >> (bit & 7);
      const characters = charactersOf(formatDeviceId(hash)).slice(0, 52);
      let value = 0n;
      for (const character of characters) value = value * 32n + BigInt(ALPHABET.indexOf(character));
      expect(value >> 4n).toBe(1n << BigInt(255 - bit));
    }
  });

  it('takes 32 bytes and nothing else', () => {
    for (const length of [0, 31, 33])
      expect(() => formatDeviceId(new Uint8Array(length))).toThrow(RangeError);
  });
});

describe('reading a device id', () => {
  it('takes it as people write it', () => {
    for (const id of ids) {
      const writings = [
        id,
        id.toLowerCase(),
        charactersOf(id),
        id.replaceAll('-', ' '),
        ` ${id}\n`,
        id.replaceAll('-', '--'),
      ];
      for (const writing of writings) expect(parseDeviceId(writing)).toBe(id);
    }
  });

  it('notices every single wrong character', () => {
    const characters = charactersOf(ids[0] ?? '');
    for (let at = 0; at < characters.length; at += 1) {
      for (const other of ALPHABET) {
        if (other === characters[at]) continue;
        expect(parseDeviceId(characters.slice(0, at) + other + characters.slice(at + 1))).toBeUndefined();
      }
    }
  });

  it('notices nearly every pair of swapped neighbours', () => {
    let swaps = 0;
    let missed = 0;
    for (const id of ids) {
      const characters = charactersOf(id);
      for (let at = 0; at + 1 < characters.length; at += 1) {
        const [one = '', other = ''] = characters.slice(at, at + 2);
        if (one === other) continue;
        swaps += 1;
        const swapped = characters.slice(0, at) + other + one + characters.slice(at + 2);
        if (parseDeviceId(swapped) !== undefined) missed += 1;
      }
    }
    expect(missed / swaps).toBeLessThan(0.02);
  });

  it('takes nothing else', () => {
    const id = ids[0] ?? '';
    const wrong = [
      '',
      '-',
      id.slice(0, -1),
      `${id}A`,
      id.replace(/^./, '1'),
      id.replace(/^./, 'Ä'),
      `${'A'.repeat(52)}B`,
    ];
    for (const text of [...wrong, `${id}-${id}`, 'A'.repeat(100_000)]) {
      expect(parseDeviceId(text), text.slice(0, 80)).toBeUndefined();
    }
  });

  it('takes no bits that the hash does not have, though the check character is right', () => {
    for (const last of ALPHABET) {
      const candidates = Array.from(ALPHABET).map((check) => 'A'.repeat(51) + last + check);
      const taken = candidates.filter((text) => parseDeviceId(text) !== undefined);
      expect(taken).toHaveLength(last === 'A' || last === 'Q' ? 1 : 0);
    }
  });

  it('takes only the canonical writing where machines talk', () => {
    for (const id of ids) {
      expect(deviceIdSchema.safeParse(id).success).toBe(true);
      for (const other of [id.toLowerCase(), charactersOf(id), ` ${id}`, `${id}-`, id.replace('-', ' ')]) {
        expect(deviceIdSchema.safeParse(other).success, other).toBe(false);
      }
    }
  });
});

describe('the start of a device id', () => {
  const id = ids[0] ?? formatDeviceId(hashOf('0'));

  it('is recognised however it is written', () => {
    for (const start of [
      id,
      id.slice(0, 1),
      id.slice(0, 7),
      id.slice(0, 7).toLowerCase(),
      id.slice(0, 9).replace('-', ' '),
    ]) {
      expect(deviceIdStartsWith(id, start), start).toBe(true);
    }
  });

  it('is neither nothing nor something from the middle', () => {
    for (const start of ['', '-', ' ', id.slice(5), `${id}A`])
      expect(deviceIdStartsWith(id, start), start).toBe(false);
  });
});
