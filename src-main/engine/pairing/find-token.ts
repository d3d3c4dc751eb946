import { MAX_INVITE_CHARACTERS } from '../../../shared/limits.ts';

/**
 * Finds an invite's token in the text that it was pasted with: quotes of any kind, a full stop or comma behind it, Markdown, a mail's
 * `> ` before each line, `<a href="…">`, a `#` that became `%23`, words before and after. Only finds: whether it is a token is for the
 * caller to say, strictly. No character of a token is changed, added or left out, but white space, which none has.
 */

/** More than an invite and its surroundings; what is longer is not looked at. In characters. */
export const MAX_PASTED_CHARACTERS = 2 * MAX_INVITE_CHARACTERS;

/** An ES256 signature, 64 bytes, in base64url. */
const SIGNATURE_CHARACTERS = 86;

const QUOTING = /^[^\S\r\n]*(?:>[^\S\r\n]*)+/gmu;
/** White space, and what is not to be seen: soft hyphens and zero-width spaces. */
const BLANK = /[\s\u00ad\u200b]/u;
const LINK_START = /sealane:\/\/pair\/?(?:#|%23)/giu;
/** A bare token begins with a header in JSON: `{"`. */
const TOKEN_START = /eyJ/gu;
const PARTS = /[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/uy;
const TOKEN_CHARACTER = /[A-Za-z0-9_.-]/u;

/** The text without blanks, and before which of its characters there were some. */
interface Compact {
  readonly text: string;
  readonly afterBlank: ReadonlySet<number>;
}

function compacted(pasted: string): Compact {
  const afterBlank = new Set<number>();
  let text = '';
  for (const character of pasted.replace(QUOTING, '')) {
    if (BLANK.test(character)) afterBlank.add(text.length);
    else text += character;
  }
  return { text, afterBlank };
}

/** The three parts that begin at `start`, without what was written behind them; undefined when there are none. */
function tokenAt({ text, afterBlank }: Compact, start: number): string | undefined {
  PARTS.lastIndex = start;
  const run = PARTS.exec(text)?.[0];
  if (run === undefined) return undefined;
  const end = run.lastIndexOf('.') + 1 + SIGNATURE_CHARACTERS;
  const behind = run.slice(end);
  // The next word, or what Markdown puts around emphasis. Anything else belongs to it, and is too long.
  const isWhole = behind !== '' && (afterBlank.has(start + end) || /^[_-]+$/u.test(behind));
  const token = isWhole ? run.slice(0, end) : run;
  const next = start + token.length;
  const hasFourParts =
    text.charAt(next) === '.' &&
    TOKEN_CHARACTER.test(text.charAt(next + 1)) &&
    !afterBlank.has(next) &&
    !afterBlank.has(next + 1);
  return hasFourParts ? undefined : token;
}

/** The first token in the text; where nothing has the form of one, the text without blanks. The text is not too long. */
export function findToken(pasted: string): string {
  const compact = compacted(pasted);
  const { text, afterBlank } = compact;
  const links = [...text.matchAll(LINK_START)].map((match) => match.index + match[0].length);
  const bare = [...text.matchAll(TOKEN_START)]
    .map((match) => match.index)
    .filter((at) => at === 0 || afterBlank.has(at) || !TOKEN_CHARACTER.test(text.charAt(at - 1)));
  for (const start of [...links, ...bare]) {
    const token = tokenAt(compact, start);
    if (token !== undefined) return token;
  }
  return text.slice(links[0] ?? 0);
}

const WHOLE = new RegExp(
  `^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]{${String(SIGNATURE_CHARACTERS)}}$`,
  'u',
);

/** Whether there is one in whole lines of text, to the last character of its signature. Says nothing of what is in it. */
export function holdsWholeInvite(lines: string): boolean {
  return lines.length <= MAX_PASTED_CHARACTERS && WHOLE.test(findToken(lines));
}
