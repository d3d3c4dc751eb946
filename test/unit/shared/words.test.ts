import { describe, expect, it } from 'vitest';
import { SKIP_REASONS } from '../../../shared/views.ts';
import { itemsText, noticeText, skipReasonText } from '../../../shared/words.ts';

describe('skipReasonText', () => {
  it('has a different phrase for every reason, none of them the code itself', () => {
    const phrases = SKIP_REASONS.map((reason) => skipReasonText(reason));
    expect(new Set(phrases).size).toBe(SKIP_REASONS.length);
    for (const [index, phrase] of phrases.entries()) expect(phrase).not.toBe(SKIP_REASONS[index]);
    expect(skipReasonText('changed')).toBe('changed while it was being sent');
  });
});

describe('noticeText', () => {
  it('ends every notice as a sentence', () => {
    expect(noticeText({ kind: 'slow-cipher' })).toMatch(/\.$/);
    expect(noticeText({ kind: 'key-in-file' })).toMatch(/\.$/);
    expect(noticeText({ kind: 'port-changed', port: 50123 })).toContain('port 50123');
    expect(noticeText({ kind: 'already-running', port: 50123 })).toContain(
      'running for this profile already',
    );
  });
});

describe('itemsText', () => {
  it.each([
    [['Holiday'], 1, 'Holiday'],
    [['Holiday', 'notes.txt'], 2, 'Holiday and notes.txt'],
    [['Holiday', 'notes.txt', 'b', 'c'], 4, 'Holiday and 3 more'],
    [['Holiday'], 2, 'Holiday and 1 more'],
    [[], 3, '3 items'],
  ])('names %j of %d as %s', (names, count, text) => {
    expect(itemsText(names, count)).toBe(text);
  });

  it('escapes names that would reorder the text', () => {
    expect(itemsText(['invoice\u202efdp.exe'], 1)).toBe('invoice\\u{202e}fdp.exe');
  });
});
