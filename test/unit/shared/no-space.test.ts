import { describe, expect, it } from 'vitest';
import { NoSpace } from '../../../shared/no-space.ts';
import { waitingSentence } from '../../../shared/waiting-words.ts';

const GB = 1e9;

describe('a disk that has no room', () => {
  it('is told with what is needed and what is free, and with what to do', () => {
    expect(new NoSpace({ needed: 53.7 * GB, free: 1.1 * GB }).message).toBe(
      'There is not enough free space for this: it needs 53.7 GB, and 1.1 GB are free. Make room or choose another folder.',
    );
  });

  it('of another device is told with what is needed alone', () => {
    const error = new NoSpace({ needed: 53.7 * GB, free: null }, { fromPeer: true });
    expect(error.message).toBe(
      'There is not enough free space for this on the other device: it needs 53.7 GB. Make room there.',
    );
    expect(waitingSentence(error)).not.toContain('Make room');
  });

  it('never reads as if there were as much as is needed', () => {
    expect(waitingSentence(new NoSpace({ needed: 2_000_000_001, free: 2_000_000_000 }))).toContain(
      'it needs 2,000,000,001 bytes, and 2,000,000,000 bytes are free',
    );
  });

  it('has whole numbers of bytes, whatever it was computed from', () => {
    expect(new NoSpace({ needed: 10.5, free: 3.5 }).space).toEqual({ needed: 11, free: 3 });
  });
});
