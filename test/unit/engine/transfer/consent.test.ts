import { describe, expect, it } from 'vitest';
import { Consent, offerDigest } from '../../../../src-main/engine/transfer/consent.ts';
import { transferIdSchema } from '../../../../shared/views.ts';
import { offerBody } from '../../../support/offers.ts';

const MIB = 1024 * 1024;
const transfer = transferIdSchema.parse('0'.repeat(32));
const items = [{ name: 'Holiday', kind: 'folder' as const, program: false }];
const agreed = {
  transfer,
  ...offerBody([], { files: 100, folders: 3, bytes: MIB }, { items, itemCount: 1, hidden: 2, programs: 1 }),
};
const destination = '/home/ann/Downloads';

const others: [string, Partial<typeof agreed>][] = [
  ['a file more', { files: 101 }],
  ['a file less', { files: 99 }],
  ['a byte more', { bytes: MIB + 1 }],
  ['a folder more', { folders: 4 }],
  ['an item more', { itemCount: 2 }],
  ['a hidden file more', { hidden: 3 }],
  ['a program more', { programs: 2 }],
  ['another name', { items: [{ name: 'holiday', kind: 'folder', program: false }] }],
  ['another kind', { items: [{ name: 'Holiday', kind: 'file', program: false }] }],
  ['a program of the same name', { items: [{ name: 'Holiday', kind: 'folder', program: true }] }],
  ['another id', { transfer: transferIdSchema.parse('1'.repeat(32)) }],
];

describe('a consent that was just given', () => {
  const consent = Consent.given(agreed, { destination });

  it('permits the offer that it was given for, and says where it goes', () => {
    expect(consent.permit({ ...agreed })).toMatchObject({ offer: agreed, consent: { destination } });
  });

  it.each(others)('permits no offer with %s', (_what, change) => {
    expect(() => consent.permit({ ...agreed, ...change })).toThrow(
      expect.objectContaining({ code: 'content-mismatch' }),
    );
  });
});

describe('a consent under which content may have come', () => {
  const consent = Consent.kept({ offer: agreed, destination, moves: 0 });

  it.each([
    ['is the same', {}],
    ['counts changed files once more', { files: 150, bytes: 1.8 * MIB }],
    ['counts files and bytes seven times more', { files: 800, bytes: 8 * MIB }],
    ['has a file that grew', { bytes: 17 * MIB }],
    ['has become less', { files: 90, bytes: 10 }],
  ])('permits an offer that %s', (_what, change) => {
    expect(consent.permit({ ...agreed, ...change }).offer).toEqual({ ...agreed, ...change });
  });

  it('lets no more lie in the destination in the end than twice what was agreed to, and 16 MiB', () => {
    expect(consent.permit({ ...agreed, bytes: 100 * MIB }).maxKeptBytes).toBe(18 * MIB);
  });

  it.each([
    ['far more files', { files: 801 }],
    ['far more bytes', { bytes: 8 * 18 * MIB + 1 }],
    ['a hidden file more', { hidden: agreed.hidden + 1 }],
    ['a program more', { programs: agreed.programs + 1 }],
    ['a folder more', { folders: 4 }],
    ['an item more', { itemCount: 2 }],
    ['another name', { items: [{ name: 'evil', kind: 'folder' as const, program: false }] }],
  ])('permits no offer with %s', (_what, change) => {
    expect(() => consent.permit({ ...agreed, ...change })).toThrow(
      expect.objectContaining({ code: 'content-mismatch' }),
    );
  });

  it('permits neither a program nor a hidden file where there was none', () => {
    const plain = Consent.kept({ offer: { ...agreed, hidden: 0, programs: 0 }, destination, moves: 0 });
    for (const change of [{ hidden: 1 }, { programs: 1 }]) {
      expect(() => plain.permit({ ...agreed, hidden: 0, programs: 0, ...change })).toThrow();
    }
  });
});

describe('the digest of an offer', () => {
  it('is the same for the same offer, whatever the order of its keys', () => {
    const { bytes, ...rest } = agreed;
    expect(Object.keys({ bytes, ...rest })).not.toEqual(Object.keys(agreed));
    expect(offerDigest({ bytes, ...rest })).toBe(offerDigest(agreed));
  });

  it.each(others)('is another one for an offer with %s', (_what, change) => {
    expect(offerDigest({ ...agreed, ...change })).not.toBe(offerDigest(agreed));
  });
});
