import { describe, expect, it } from 'vitest';
import { errorReport } from '../../../src-main/cli/failure.ts';

describe('an error that nobody has foreseen', () => {
  it('is told with its own words, in which nothing can act on a terminal', () => {
    const { code, message } = errorReport(new Error('cannot read \u001b]0;owned\u0007 at all'));
    expect(code).toBe('internal');
    expect(message).toContain('(cannot read \\u{1b}]0;owned\\u{7} at all)');
  });
});
