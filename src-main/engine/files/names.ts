import { createHash } from 'node:crypto';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_NAME_BYTES, MAX_NAME_UNITS, MAX_PATH_BYTES, MAX_PATH_DEPTH } from '../../../shared/limits.ts';
import type { SkippedFile, SkipReason } from '../../../shared/views.ts';

/**
 * The rules for names that come from a peer. Pure: nothing here touches a disk. Two questions are kept apart: could an honest
 * sender have produced this path at all (`checkPath`; if not, the whole transfer is refused), and what does an honest name have
 * to become so that the file system it meets can hold it and no reader is misled (`portableName`, `namesToTry`). A name is never
 * a reason to leave something out as long as there is another one under which it can be held.
 */

/** What one file system cannot hold in a name, or changes without a word. A USB stick on Linux may have the rules of Windows. */
export interface NameRules {
  /** Characters that it cannot hold. */
  readonly forbidden: string;
  /** Characters that it drops at the end of a name, so that two names would become one. */
  readonly dropped: string;
  /** Whether it takes `con`, `aux.c` and the like for devices. */
  readonly devices: boolean;
}

/** Linux and macOS on their own file systems: whatever a name on the wire may be, they hold. */
export const POSIX_RULES: NameRules = { forbidden: '', dropped: '', devices: false };

/**
 * Windows, on whatever file system: `:` opens a stream, a backslash is a separator (Microsoft, "Naming Files, Paths, and
 * Namespaces"). Nothing of that may reach its disk.
 */
export const WINDOWS_RULES: NameRules = { forbidden: '<>:"|?*\\', dropped: '. ', devices: true };

/** Names by which a file system is asked for its rules: each holds one thing that some do not, the first all of them. */
export const TRIAL_NAMES = {
  all: `aux.${WINDOWS_RULES.forbidden} .`,
  device: 'aux.c',
  with: (character: string): string => `a${character}b`,
  before: (end: string): string => `a${end}`,
} as const;

/** All of them. */
export const ALL_TRIAL_NAMES: readonly string[] = [
  TRIAL_NAMES.all,
  TRIAL_NAMES.device,
  ...Array.from(WINDOWS_RULES.forbidden, TRIAL_NAMES.with),
  ...Array.from(WINDOWS_RULES.dropped, TRIAL_NAMES.before),
];

export interface PathFault {
  /** `too-long`: only the size is wrong. `illegal`: no system has such a name, or it is no path. */
  readonly kind: 'too-long' | 'illegal';
  /** For the log; holds nothing of the name. */
  readonly detail: string;
}

const illegal = (detail: string): PathFault => ({ kind: 'illegal', detail });

/** What is wrong with one component wherever it stands. */
function componentFault(component: string): PathFault | undefined {
  if (component === '') return illegal('an empty component');
  if (component === '.' || component === '..') return illegal('a component of dots');
  if (component.includes('/')) return illegal('a separator in a component');
  if (component.includes('\0')) return illegal('a NUL in a component');
  if (/\p{Surrogate}/u.test(component)) return illegal('an unpaired surrogate');
  if (component.length > MAX_NAME_UNITS) return { kind: 'too-long', detail: 'too long a component' };
  return undefined;
}

/**
 * What no honest sender sends, or undefined when the path is fine. `components` are the names from the top-level item down.
 *
 * A backslash and a colon are characters of a name on Linux and macOS like any other, so they are no fault here, also where the
 * receiver is Windows: there `portableName` lets neither of them through.
 */
export function pathFault(components: readonly string[]): PathFault | undefined {
  if (components.length === 0) return illegal('no component');
  let tooLong: PathFault | undefined;
  for (const component of components) {
    const fault = componentFault(component);
    if (fault?.kind === 'illegal') return fault;
    tooLong ??= fault;
  }
  if (tooLong !== undefined) return tooLong;
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

/** Names that Windows takes for devices: with any extension, with spaces behind, in any case. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?= *(?:[.:].*)?$)/isu;

/** Controls (C0, DEL, C1), and the bidirectional embeddings, overrides and isolates, which make `exe.txt` out of `txt.exe`. */
const MISLEADING = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * What a name (one component that passed `checkPath`) has to become where `rules` hold: the name itself, if it can stay. What
 * cannot stay becomes `_`, and a device gets one behind its name: `aux.c` is `aux_.c`.
 */
export function portableName(name: string, { forbidden, dropped, devices }: NameRules): string {
  let portable = name.replace(MISLEADING, '_');
  if (forbidden !== '') {
    portable = Array.from(portable, (character) => (forbidden.includes(character) ? '_' : character)).join(
      '',
    );
  }
  portable = replaceEnd(portable, dropped);
  if (!devices || !DEVICE.test(portable)) return portable;
  return shortName(portable.replace(DEVICE, '$&_'), name, MAX_NAME_BYTES);
}

/** Puts `_` for each of the characters `dropped` at the end. */
function replaceEnd(name: string, dropped: string): string {
  let end = name.length;
  while (end > 0 && dropped.includes(name.charAt(end - 1))) end -= 1;
  return name.slice(0, end) + '_'.repeat(name.length - end);
}

/** Short enough, in UTF-8 bytes, for what encrypts names and so has less room for them (eCryptfs: 143). */
const SHORT_NAME_BYTES = 128;

/**
 * The names to try for something called `name`, in this order, until the file system takes one: what its rules ask for, which is
 * `name` itself wherever that can be; then, for what says no all the same, less and less of it: shorter, by the rules of Windows,
 * and in ASCII only. The file system is asked, since nothing but that knows.
 */
export function* namesToTry(name: string, rules: NameRules): Generator<string, void, undefined> {
  const portable = portableName(name, rules);
  yield portable;
  const strict = portableName(name, WINDOWS_RULES);
  const plain = Array.from(strict, (character) => (/[ -~]/.test(character) ? character : '_')).join('');
  const tried = new Set([portable]);
  for (const each of [portable, strict, plain]) {
    const shorts = [MAX_NAME_BYTES, SHORT_NAME_BYTES].map((maxBytes) => shortName(each, name, maxBytes));
    for (const shorter of [each, ...shorts]) {
      if (tried.has(shorter)) continue;
      tried.add(shorter);
      yield shorter;
    }
  }
}

/** What `freeName` may put behind a name: a short name has room for it, so that no number cuts what tells it from others. */
const NUMBER_BYTES = ' (100000)'.length;

/**
 * A name without its middle where it has more than `maxBytes`, and room for a number then. What differs in the middle stays apart:
 * see `markedName`.
 */
function shortName(name: string, asked: string, maxBytes: number): string {
  return Buffer.byteLength(name) <= maxBytes ? name : markedName(name, asked, maxBytes);
}

/** 64 bits of SHA-256 in hex, as file systems that do not tell cases apart hold it. More than an extension may have, so it is none. */
const MARK_DIGITS = 16;

/**
 * A name that is made of `name` in at most `maxBytes` less NUMBER_BYTES, and different for each name `asked` for: `~` and a digest of that
 * stand before the extension. So no cut makes a program of what was none.
 */
function markedName(name: string, asked: string, maxBytes: number): string {
  const extension = extensionOf(name);
  const mark = `~${createHash('sha256').update(asked).digest('hex').slice(0, MARK_DIGITS)}${extension}`;
  const base = name.slice(0, name.length - extension.length);
  return cutToBytes(base, maxBytes - NUMBER_BYTES - Buffer.byteLength(mark)) + mark;
}

/**
 * The name for something called `asked` where `wanted`, which a file system takes for it, is taken too often: no longer than that, and
 * taken by nothing that was called otherwise. File systems that hold little of a name make one of many.
 */
export function nameApart(wanted: string, asked: string): string {
  const bytes = Math.max(SHORT_NAME_BYTES, Buffer.byteLength(wanted));
  return markedName(wanted, asked, Math.min(bytes, MAX_NAME_BYTES));
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
  const extension = kind === 'file' ? extensionOf(name) : '';
  const suffix = ` (${n})${extension}`;
  const base = name.slice(0, name.length - extension.length);
  return cutToBytes(base, MAX_NAME_BYTES - Buffer.byteLength(suffix)) + suffix;
}

/** The extension of a name with its dot; empty where it has none. */
function extensionOf(name: string): string {
  const found = EXTENSION.exec(name)?.[0] ?? '';
  // A dot at the beginning hides a file and starts no extension.
  return found.length === name.length ? '' : found;
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
