import { describe, expect, it } from 'vitest';
import { isWithinAgreement } from '../../../../src-main/engine/transfer/agreement.ts';
import { transferIdSchema } from '../../../../shared/views.ts';

const agreed = {
  transfer: transferIdSchema.parse('0'.repeat(32)),
  names: ['Holiday'],
  itemCount: 1,
  files: 100,
  folders: 3,
  bytes: 1_000_000,
};
const GIB = 1024 ** 3;

describe('an offer that goes on with a transfer', () => {
  it.each([
    ['is the same', {}],
    ['counts changed files once more', { files: 150, bytes: 1_800_000 }],
    ['counts everything seven times more', { files: 800, bytes: 8_000_000 }],
    ['has a file that grew', { bytes: 900_000_000 }],
    ['has become less', { files: 90, bytes: 10 }],
  ])('is the one that was agreed to: %s', (_what, change) => {
    expect(isWithinAgreement(agreed, { ...agreed, ...change })).toBe(true);
  });

  it.each([
    ['far more files', { files: 801 }],
    ['far more bytes', { bytes: 8_000_000 + GIB + 1 }],
    ['a folder more', { folders: 4 }],
    ['an item more', { itemCount: 2 }],
    ['another name', { names: ['Holiday', 'evil'] }],
  ])('is not the one that was agreed to: %s', (_what, change) => {
    expect(isWithinAgreement(agreed, { ...agreed, ...change })).toBe(false);
  });
});
