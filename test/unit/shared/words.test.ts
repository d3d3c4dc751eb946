import { describe, expect, it } from 'vitest';
import { SKIP_REASONS } from '../../../shared/views.ts';
import {
  filesText,
  itemsText,
  markWords,
  markedText,
  noticeText,
  skipReasonText,
  unshownMarksText,
} from '../../../shared/words.ts';
import { item } from '../../support/offered.ts';

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

describe('the marks of what is offered', () => {
  it('are words beside the name', () => {
    expect(markWords(item('letter.txt'))).toEqual([]);
    expect(markWords(item('.config', { kind: 'folder' }))).toEqual(['folder', 'hidden']);
    expect(markWords(item('.x.sh'))).toEqual(['hidden', 'program']);
  });

  it.each([
    [0, 0, undefined],
    [1, 0, '1 hidden item'],
    [0, 2, '2 programs'],
    [1_200, 1, '1,200 hidden items and 1 program'],
  ])('count %i hidden and %i programs as %s', (hiddenCount, programCount, text) => {
    expect(markedText({ hiddenCount, programCount })).toBe(text);
  });

  it('are counted where those that are shown do not say it all', () => {
    const shown = [item('.env'), item('setup.exe')];
    expect(unshownMarksText({ hiddenCount: 1, programCount: 1 }, shown)).toBeUndefined();
    expect(unshownMarksText({ hiddenCount: 1, programCount: 2 }, shown)).toBe('1 hidden item and 2 programs');
    expect(unshownMarksText({ hiddenCount: 2, programCount: 0 }, shown)).toBe('2 hidden items');
  });
});

describe('filesText', () => {
  it.each([
    [0, '2 files'],
    [1, '2 files'],
    [4, '2 files'],
    [5, '2 files in 5 folders'],
  ])('tells of %i folders where some of them must lie below the top', (folders, text) => {
    // Of the six items, three are not shown, and may all be folders.
    const shown = [item('a', { kind: 'folder' }), item('b'), item('c')];
    expect(filesText({ items: shown, itemCount: 6, files: 2, folders })).toBe(text);
  });
});

describe('itemsText', () => {
  it.each([
    [['Holiday'], 1, 'Holiday'],
    [['Holiday', 'notes.txt'], 2, 'Holiday and notes.txt'],
    [['Holiday', 'notes.txt', 'b', 'c'], 4, 'Holiday and 3 more'],
    [['p00000.txt'], 10_001, 'p00000.txt and 10,000 more'],
    [['Holiday'], 2, 'Holiday and 1 more'],
    [[], 3, '3 items'],
  ])('names %j of %d as %s', (names, count, text) => {
    expect(itemsText(names, count)).toBe(text);
  });

  it('escapes names that would reorder the text', () => {
    expect(itemsText(['invoice\u202efdp.exe'], 1)).toBe('invoice\\u{202e}fdp.exe');
  });
});
