import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayJson, displayText } from '../../../shared/display.ts';

describe('text from somebody else', () => {
  it.each([
    'report.pdf',
    'Grüße & küsse (2).txt',
    '世界 – мир – שלום – سلام – ไทย',
    '👋🏽 👩 ✈️',
    'e\u0301 and é',
    'C:\\folder/{u}',
    'the family 👩‍👩‍👧, 👩🏽‍💻 at work, ❤️‍🔥 and 🏳️‍🌈',
    'می‌خواهم و خانه‌ها',
    '۱۴۴۶ ه‍',
    'क्‍ष क्‌ष',
    'ශ්‍රී ලංකා',
    'র‍্যাব',
    '葛\u{e0100}城 and ᠠ\u180b',
    '',
  ])('stays as it is when it misleads nobody: %s', (text) => {
    expect(displayText(text)).toBe(text);
  });

  it.each([
    ['a terminal escape', '\u001b[2Jgone', '\\u{1b}[2Jgone'],
    ['an escape in eight bits', '\u009b2J', '\\u{9b}2J'],
    ['line breaks and tabs', 'a\r\nb\tc', 'a\\u{d}\\u{a}b\\u{9}c'],
    ['a NUL', 'a\u0000b', 'a\\u{0}b'],
    ['a bell and a deletion', '\u0007\u007f', '\\u{7}\\u{7f}'],
    ['text turned around', 'gpj.\u202eexe', 'gpj.\\u{202e}exe'],
    ['isolates', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
    ['marks of direction', '\u200e\u200f\u061c', '\\u{200e}\\u{200f}\\u{61c}'],
    ['nothing to be seen', 'a\u200bb\u2060c\ufeffd\u00ade', 'a\\u{200b}b\\u{2060}c\\u{feff}d\\u{ad}e'],
    ['line separators', '\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['fillers', 'a\u034fb\u115f\u1160c\u3164d\uffa0', 'a\\u{34f}b\\u{115f}\\u{1160}c\\u{3164}d\\u{ffa0}'],
    ['joiners in Latin', 'pay\u200dpal\u200c', 'pay\\u{200d}pal\\u{200c}'],
    ['joiners without a partner', '👩\u200d \u200dक می\u200c', '👩\\u{200d} \\u{200d}क می\\u{200c}'],
    ['joiners in a row', '👩\u200d\u200d👧', '👩\\u{200d}\\u{200d}👧'],
    ['joiners that change nothing', 'ب\u200dا 👩\u200c👧', 'ب\\u{200d}ا 👩\\u{200c}👧'],
    ['joiners between two scripts', 'می\u200cक', 'می\\u{200c}क'],
    ['tags', '\u{e0041}\u{e007f}', '\\u{e0041}\\u{e007f}'],
    ['half a character', '\ud800a\udc00', '\\u{d800}a\\u{dc00}'],
  ])('is written out where it could mislead: %s', (_what, text, shown) => {
    expect(displayText(text)).toBe(shown);
  });

  it('is safe whatever single character it has', () => {
    const unsafe =
      /[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029\u00ad\u180e\u200b-\u200f\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const text = String.fromCodePoint(code);
      if (unsafe.test(text)) expect(displayText(text)).toBe(`\\u{${code.toString(16)}}`);
    }
  });

  it('is the same when it is made safe twice', () => {
    const unit = fc.constantFrom(
      '\u001b',
      '\u202e',
      '\u200c',
      '\u200d',
      '\ufe0f',
      '👩',
      '🏽',
      'ه',
      'क',
      '\u094d',
      'a',
    );
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const once = displayText(units.join(''));
        expect(displayText(once)).toBe(once);
      }),
    );
  });
});

describe('displayJson', () => {
  it('keeps the value, and has nothing in it that displayText would write out', () => {
    const unit = fc.oneof(
      fc.constantFrom(
        '\u001b',
        '\u009b',
        '\u202e',
        '\u200b',
        '\u200c',
        '\u200d',
        '👩',
        'ه',
        'क',
        '\ud800',
        '\u{e0041}',
        '"',
        '\\',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(unit), (parts) => {
        const value = { text: parts.join('') };
        const json = displayJson(JSON.stringify(value));
        expect(JSON.parse(json)).toEqual(value);
        expect(displayText(json)).toBe(json);
      }),
    );
  });
});
