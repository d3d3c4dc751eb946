/**
 * Text that came from somebody else (file names, device names), made safe to show in a terminal, a window or a notification:
 * control characters, terminal escapes, and characters that reorder or hide text are written out as `\u{…}`.
 */

// C0/C1 controls, soft hyphen, zero-width and bidirectional controls, line separators, interlinear marks, tags, unpaired surrogates.
const UNSAFE =
  // eslint's no-control-regex is the point here: these very characters are looked for.
  new RegExp(
    '[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}]|\\p{Surrogate}',
    'gu',
  );

/** Compact JSON with none of these characters in it, which parses to the very same value: each becomes the `\uXXXX` that JSON has for it. */
export function displayJson(json: string): string {
  return json.replace(UNSAFE, (character) =>
    Array.from({ length: character.length }, (_, unit) => {
      const code = character.charCodeAt(unit).toString(16);
      return `\\u${code.padStart(4, '0')}`;
    }).join(''),
  );
}

/** Escapes what could mislead a reader or a terminal; all else, whatever the script, stays as it is. */
export function displayText(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
