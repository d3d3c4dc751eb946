import { MAX_OFFER_NAMES } from '../shared/limits.ts';
import type { TransferView } from '../shared/views.ts';

/**
 * Which names things got on disk. The receiver gives a name that is taken a number (`photo (2).jpg`), and one
 * that this system cannot have another form; it tells the names there are now, sorted, and not which of them
 * was which. Here that is found out where there is no other way it can be, and nothing is said where there
 * is.
 */
export interface Renames {
  /** What surely became what: the name that was offered, and the name on disk. */
  readonly pairs: readonly { readonly from: string; readonly to: string }[];
  /** Names on disk that were not offered, of things of which it is not sure which they were. */
  readonly others: readonly string[];
}

const NONE: Renames = { pairs: [], others: [] };

/** Compares what was offered with what is there now; of a transfer of which nothing is there, nothing is said. */
export function renamesOf({
  items,
  itemCount,
  state,
}: Pick<TransferView, 'items' | 'itemCount' | 'state'>): Renames {
  if (!('outcome' in state)) return NONE;
  const { names } = state.outcome;
  // Where one side is only the beginning of a longer list, a name that is missing in the other tells nothing.
  if (items.length !== itemCount || itemCount > MAX_OFFER_NAMES) return NONE;
  const offered = items.map(({ name }) => name);
  const gone = without(offered, names);
  const added = without(names, offered);
  if (added.length === 0) return NONE;
  const uncertain: Renames = { pairs: [], others: added };
  // What was left out may as well be why a name is missing.
  if (state.kind === 'incomplete' || gone.length !== added.length) return uncertain;

  const pairs: { from: string; to: string }[] = [];
  for (const to of added) {
    const sources = offered.filter((name) => isNumbered(name, to));
    const [from] = sources;
    if (from === undefined) continue;
    // `x (2)` is there, so `x` may have taken that name, and `x (2)` this one.
    if (sources.length > 1 || !gone.includes(from) || pairs.some((pair) => pair.from === from))
      return uncertain;
    pairs.push({ from, to });
  }
  const [from, ...moreGone] = gone.filter((name) => !pairs.some((pair) => pair.from === name));
  const [to] = added.filter((name) => !pairs.some((pair) => pair.to === name));
  if (moreGone.length > 0) return uncertain;
  return { pairs: from === undefined || to === undefined ? pairs : [...pairs, { from, to }], others: [] };
}

/** What is in `names` more often than in `others`. */
function without(names: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return names.filter((name) => {
    const index = left.indexOf(name);
    if (index === -1) return true;
    left.splice(index, 1);
    return false;
  });
}

const NUMBERED = /^(?<base>.*) \((?<number>\d+)\)(?<extension>(?:(?:\.tar)?\.[^\s.]{1,16})?)$/isu;

/**
 * Whether `name` is `original` with a number before its extension or at its end, as the receiver gives it; or
 * with several: one that it got beside the others that were sent, and one for what was there.
 */
function isNumbered(original: string, name: string): boolean {
  const found = NUMBERED.exec(name)?.groups;
  if (found === undefined || Number(found['number']) < 2) return false;
  const { base = '', extension = '' } = found;
  if (original === base + extension || isNumbered(original, base + extension)) return true;
  // A very long name loses the end of what is before its number.
  return isVeryLong(name) && original.startsWith(base) && original.endsWith(extension);
}

function isVeryLong(name: string): boolean {
  return new TextEncoder().encode(name).length > 240;
}
