import { describe, expect, it } from 'vitest';
import { describeError } from '../../../src-main/desktop/log.ts';
import { SealaneError } from '../../../shared/errors.ts';

describe('a line in the log', () => {
  it('has the chain of causes, and nobody’s path', () => {
    const cause = Object.assign(new Error("ENOENT: no such file, open '/home/ada/secret.txt'"), {
      code: 'ENOENT',
    });
    const error = new SealaneError('source-missing', { detail: 'while walking', cause });
    expect(describeError(error)).toBe('source-missing: while walking < ENOENT: Error');
  });

  it('can say something of anything', () => {
    expect(describeError('a text')).toBe('string');
    expect(describeError(undefined)).toBe('undefined');
    expect(describeError(new TypeError('/home/ada'))).toBe('TypeError');
  });

  it('ends, even when causes go in a circle', () => {
    const error = new Error('one');
    error.cause = error;
    expect(describeError(error).split(' < ').length).toBe(5);
  });
});
