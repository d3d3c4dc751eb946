/**
 * Text that came from somebody else (file names, device names), made safe to show in a terminal, a window or a notification:
 * control characters, terminal escapes, and characters that reorder or hide text are written out as `\u{…}`.
 */

// Controls, line separators, halves of characters, and whatever is drawn as nothing: bidirectional marks, spaces without width,
// fillers, tags, what is reserved for more of these. Not the variation selectors, which choose how the character before looks.
const HIDDEN = String.raw`[[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]--[\p{Variation_Selector}\u200c\u200d]]`;

const inScripts = (...names: readonly string[]) =>
  String.raw`[[${names.map((name) => `\\p{scx=${name}}`).join('')}]&&[\p{L}\p{M}]]`;
const EMOJI = String.raw`(?:\p{Extended_Pictographic}\ufe0f?|\p{Emoji_Modifier})`;
const ARABIC = inScripts('Arab', 'Syrc');
const INDIC = inScripts('Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym', 'Sinh');
/** What takes a consonant its vowel, in these scripts in their order. */
const VIRAMA = String.raw`[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca]`;

// Where the joiners are spelling, or hold an emoji together; in any other place they are as hidden as the rest.
const MEANINGFUL = [
  String.raw`(?<=${EMOJI})\u200d(?=\p{Extended_Pictographic})`,
  // Shapes of a conjunct; the second is how Bengali writes র‍্য.
  String.raw`(?<=${VIRAMA})\u200d(?=${INDIC})`,
  String.raw`(?<=${INDIC})\u200d(?=${VIRAMA})`,
  // A letter that ends as if another one followed. Where one does follow, the joiner would change nothing.
  String.raw`(?<=${ARABIC})\u200d(?!${ARABIC})`,
  String.raw`(?<=${ARABIC})\u200c(?=${ARABIC})`,
  String.raw`(?<=${INDIC})\u200c(?=${INDIC})`,
].join('|');

/** None of all that is in such text. Most is such text, and the expression below takes tens of milliseconds to make. */
const PLAIN = /^[ -~]*$/;

let unsafe: RegExp | undefined;

function replaceUnsafe(text: string, replacement: (character: string) => string): string {
  if (PLAIN.test(text)) return text;
  unsafe ??= new RegExp(String.raw`${HIDDEN}|(?!${MEANINGFUL})[\u200c\u200d]`, 'gv');
  return text.replace(unsafe, replacement);
}

/** Compact JSON with none of these characters in it, which parses to the very same value: each becomes the `\uXXXX` that JSON has for it. */
export function displayJson(json: string): string {
  return replaceUnsafe(json, (character) =>
    Array.from({ length: character.length }, (_, unit) => {
      const code = character.charCodeAt(unit).toString(16);
      return `\\u${code.padStart(4, '0')}`;
    }).join(''),
  );
}

/** Escapes what could mislead a reader or a terminal; all else, whatever the script, stays as it is. */
export function displayText(text: string): string {
  return replaceUnsafe(text, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
