import { MAX_ENTRIES } from '../../../shared/limits.ts';
import { unreachable } from '../../../shared/unreachable.ts';

/**
 * A line of an `EntryLog`: JSON, of which `k` says the kind.
 *
 *     f  a file that is whole; its names on disk (n), and its size (s)
 *     r  a file that is whole and took the place of that of an entry (o)
 *     d  a folder
 *     -  a file that failed or is missing, and is listed as left out
 *     l  a file whose content comes later
 *     s  left out by the sender when it looked through what it was to send
 *     t  no entry: the file that is kept by an entry (o) was taken away before it was published
 *
 * `a`: it is a newer version of that entry; of `f`, of one that was not kept itself; of `t`, the file was.
 * `p`: the digest of its path; `x`: it is executable.
 */

export const PATH_DIGEST_CHARACTERS = 22;

/** What became of an entry. */
export type EntryFate =
  | {
      readonly kind: 'kept';
      readonly names: readonly string[];
      readonly size: number;
      readonly again?: number | undefined;
      readonly file: FileMark;
    }
  | { readonly kind: 'replaced'; readonly of: number; readonly again: number; readonly size: number }
  | { readonly kind: 'folder' }
  | { readonly kind: 'none' | 'later'; readonly again?: number | undefined; readonly file: FileMark }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'lost'; readonly of: number; readonly again?: number | undefined };

/** What a newer version of a file must have in common with the first one. */
export interface FileMark {
  /** See `pathDigest`. */
  readonly path: string;
  readonly executable: boolean;
}

/** The line that says it. */
export function lineOf(fate: EntryFate): string {
  switch (fate.kind) {
    case 'kept':
      return JSON.stringify({ k: 'f', n: fate.names, s: fate.size, a: fate.again, ...written(fate.file) });
    case 'replaced':
      return JSON.stringify({ k: 'r', o: fate.of, a: fate.again, s: fate.size });
    case 'folder':
      return '{"k":"d"}';
    case 'none':
      return JSON.stringify({ k: '-', a: fate.again, ...written(fate.file) });
    case 'later':
      return JSON.stringify({ k: 'l', a: fate.again, ...written(fate.file) });
    case 'skipped':
      return '{"k":"s"}';
    case 'lost':
      return JSON.stringify({ k: 't', o: fate.of, a: fate.again });
    default:
      return unreachable(fate);
  }
}

/** Whether a line says what became of no entry. */
export function isNoEntry(line: string): boolean {
  return line.startsWith('{"k":"t"');
}

function written({ path, executable }: FileMark): { readonly p: string; readonly x?: 1 } {
  return executable ? { p: path, x: 1 } : { p: path };
}

/** What a line says; null for one that is none of ours. By hand: it is done for each file, and a schema takes several times as long. */
export function readFate(line: string): EntryFate | null {
  const read = fieldsOf(line);
  if (read === null) return null;
  const fate = fateOf(read);
  // Nothing is in it but what was read.
  return fate === null || Object.keys(read).length !== countOf(fate) ? null : fate;
}

/** What lines have, of whatever type. */
interface Fields {
  readonly k?: unknown;
  readonly n?: unknown;
  readonly s?: unknown;
  readonly a?: unknown;
  readonly o?: unknown;
  readonly p?: unknown;
  readonly x?: unknown;
}

function fieldsOf(line: string): Fields | null {
  try {
    const read: unknown = JSON.parse(line);
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? read : null;
  } catch {
    return null;
  }
}

function fateOf(read: Fields): EntryFate | null {
  const { k: kind, n: names, s: size, a: again, o: of } = read;
  switch (kind) {
    case 'f': {
      const file = markOf(read);
      if (file === null || !isNames(names) || !isCount(size) || !isEntryOrNone(again)) return null;
      return { kind: 'kept', names, size, again, file };
    }
    case 'r':
      return isEntry(of) && isEntry(again) && isCount(size) ? { kind: 'replaced', of, again, size } : null;
    case 'd':
      return { kind: 'folder' };
    case '-':
    case 'l': {
      const file = markOf(read);
      if (file === null || !isEntryOrNone(again)) return null;
      return { kind: kind === 'l' ? 'later' : 'none', again, file };
    }
    case 's':
      return { kind: 'skipped' };
    case 't':
      return isEntry(of) && isEntryOrNone(again) ? { kind: 'lost', of, again } : null;
    default:
      return null;
  }
}

/** How many fields the line of a fate has. */
function countOf(fate: EntryFate): number {
  switch (fate.kind) {
    case 'kept':
      return 4 + countOfMore(fate);
    case 'replaced':
      return 4;
    case 'none':
    case 'later':
      return 2 + countOfMore(fate);
    case 'lost':
      return fate.again === undefined ? 2 : 3;
    case 'folder':
    case 'skipped':
      return 1;
    default:
      return unreachable(fate);
  }
}

function countOfMore({ again, file }: Extract<EntryFate, { file: FileMark }>): number {
  return (again === undefined ? 0 : 1) + (file.executable ? 1 : 0);
}

function markOf({ p: path, x: executable }: Fields): FileMark | null {
  if (typeof path !== 'string' || path.length !== PATH_DIGEST_CHARACTERS) return null;
  return executable === undefined || executable === 1 ? { path, executable: executable === 1 } : null;
}

function isNames(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string' && name !== '')
  );
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isEntry(value: unknown): value is number {
  return isCount(value) && value <= MAX_ENTRIES;
}

function isEntryOrNone(value: unknown): value is number | undefined {
  return value === undefined || isEntry(value);
}
