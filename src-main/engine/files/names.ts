import { SealaneError } from '../../../shared/errors.ts';
import { MAX_NAME_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from '../../../shared/limits.ts';
import type { SkippedFile, SkipReason } from '../../../shared/views.ts';

/**
 * The rules for names that come from a peer. Pure: nothing here touches a disk. Two questions are kept apart: could an honest
 * sender have produced this path at all (`checkPath`; if not, the whole transfer is refused), and what does an honest name have
 * to become so that the file system it meets can hold it and no reader is misled (`portableName`).
 */

/** The rules of a file system, not of the running system: a USB stick on Linux has those of Windows. */
export type NameTarget = 'posix' | 'windows';

export type PortableName =
  | { readonly kind: 'ok' }
  | { readonly kind: 'renamed'; readonly name: string }
  | { readonly kind: 'skip'; readonly reason: SkipReason };

export interface PathFault {
  /** `too-long`: only the size is wrong. `illegal`: the path could lead out of the folder, or is no path. */
  readonly kind: 'too-long' | 'illegal';
  /** For the log; holds nothing of the name. */
  readonly detail: string;
}

const illegal = (detail: string): PathFault => ({ kind: 'illegal', detail });

/** What is wrong with one component wherever it stands. */
function componentFault(component: string): PathFault | undefined {
  if (component === '') return illegal('an empty component');
  if (component === '.' || component === '..') return illegal('a component of dots');
  if (/[/\\]/.test(component)) return illegal('a separator in a component');
  if (component.includes('\0')) return illegal('a NUL in a component');
  if (/\p{Surrogate}/u.test(component)) return illegal('an unpaired surrogate');
  return undefined;
}

/**
 * What no honest sender sends, or undefined when the path is fine. `components` are the names from the top-level item down.
 *
 * A drive letter is refused in the first component only, whatever follows the colon: there `C:` and `C:notes` alike are resolved
 * against the current folder of a drive by whoever joins paths on Windows. Further down, `a: b.txt` is an ordinary Linux or macOS
 * name that no resolver takes for a drive; `portableName` takes care of its colon where that would open a stream.
 */
export function pathFault(components: readonly string[]): PathFault | undefined {
  if (components.length === 0) return illegal('no component');
  for (const component of components) {
    const fault = componentFault(component);
    if (fault !== undefined) return fault;
  }
  if (/^[A-Za-z]:/.test(components[0] ?? '')) return illegal('a drive letter');
  if (components.length > MAX_PATH_DEPTH) return { kind: 'too-long', detail: 'too many components' };
  const bytes = components.reduce((sum, component) => sum + Buffer.byteLength(component) + 1, -1);
  if (bytes > MAX_PATH_BYTES) return { kind: 'too-long', detail: 'too many bytes' };
  return undefined;
}

/** Throws `name-refused` for a path that no honest sender sends (see `pathFault`). */
export function checkPath(components: readonly string[]): void {
  const fault = pathFault(components);
  if (fault !== undefined) throw new SealaneError('name-refused', { detail: fault.detail });
}

/**
 * Names that Windows takes for devices: with any extension, after a colon, with spaces behind, in any case (Microsoft, "Naming
 * Files, Paths, and Namespaces"). Skipped everywhere, so that a folder received on Linux can be copied to Windows later.
 */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:[.:].*)?$/isu;

/** Controls (C0, DEL, C1), and the bidirectional embeddings, overrides and isolates, which make `exe.txt` out of `txt.exe`. */
const MISLEADING = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** What Windows cannot hold in a name, or takes for a stream (`:`) or a pattern. */
const WINDOWS_FORBIDDEN = /[<>:"|?*]/gu;

/** What Windows drops without a word, so that two names would become one. */
const WINDOWS_TRAILING = /[. ]+$/u;

/** What a name (one component that passed `checkPath`) has to become on `target`. */
export function portableName(name: string, target: NameTarget): PortableName {
  if (RESERVED.test(name)) return { kind: 'skip', reason: 'name-reserved' };
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return { kind: 'skip', reason: 'name-too-long' };
  let portable = name.replace(MISLEADING, '_');
  if (target === 'windows') {
    portable = portable
      .replace(WINDOWS_FORBIDDEN, '_')
      .replace(WINDOWS_TRAILING, (run) => '_'.repeat(run.length));
  }
  return portable === name ? { kind: 'ok' } : { kind: 'renamed', name: portable };
}

/**
 * What two names have in common that some file system takes for one: their composed form (NFC), folded in case. Upper case
 * first, since `ß` and `ſ` meet their partners only there.
 */
export function collisionKey(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** The longest ending taken for an extension: `.jpg`, `.tar.gz`, `.torrent`; not the second sentence of a title. */
const EXTENSION = /(?:\.tar)?\.[^\s.]{1,16}$/iu;

/**
 * The `n`th name for something whose name is taken, `n` from 2: `photo (2).jpg`, `archive (2).tar.gz`, `.env (2)`; a folder gets
 * its number at the end. Stays within MAX_NAME_BYTES by shortening what is before the number, never within a character.
 */
export function freeName(name: string, n: number, kind: 'file' | 'folder' = 'file'): string {
  const found = kind === 'file' ? EXTENSION.exec(name)?.[0] : undefined;
  // A dot at the beginning hides a file and starts no extension.
  const extension = found === undefined || found.length === name.length ? '' : found;
  const suffix = ` (${n})${extension}`;
  const base = name.slice(0, name.length - extension.length);
  return cutToBytes(base, MAX_NAME_BYTES - Buffer.byteLength(suffix)) + suffix;
}

function cutToBytes(text: string, max: number): string {
  if (Buffer.byteLength(text) <= max) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > max) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** A path as it is listed for people: joined with `/`, and short enough for a message. */
export function listedPath(path: readonly string[]): string {
  return cutToBytes(path.join('/'), MAX_PATH_BYTES);
}

/** A path that was left out, as it is listed. */
export function skippedFile(path: readonly string[], reason: SkipReason): SkippedFile {
  return { path: listedPath(path), reason };
}
