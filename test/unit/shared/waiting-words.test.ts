import { describe, expect, it } from 'vitest';
import { ERROR_CODES, SealaneError } from '../../../shared/errors.ts';
import { waitingSentence } from '../../../shared/waiting-words.ts';
import { canGoOn } from '../../../src-main/engine/transfer/retry.ts';

const waited = ERROR_CODES.flatMap((code) =>
  [true, false].map((fromPeer) => new SealaneError(code, { fromPeer })),
).filter(canGoOn);

describe('what a transfer says while it waits', () => {
  it.each(waited.map((error) => [error.code, error.fromPeer, error] as const))(
    'is no order to do what it does by itself: %s, said by the other device: %s',
    (_code, _fromPeer, error) => {
      const sentence = waitingSentence(error);
      expect(sentence).toMatch(/^[A-Z].*\.$/);
      // An imperative at the beginning of a sentence or of what follows a comma or colon.
      expect(sentence).not.toMatch(/\btry\b|(?:^|[.:,;] )(?:check|make|choose|update|pair|send|resume)\b/i);
      expect(sentence).not.toContain('by itself');
    },
  );

  it('covers what a transfer can wait for', () => {
    expect(waited.length).toBeGreaterThan(20);
  });
});
