import { opendirSync } from 'node:fs';
import { join } from 'node:path';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_ENTRIES, MAX_LISTED_SKIPS, MAX_OFFER_NAMES } from '../../../shared/limits.ts';
import type { SkippedFile, SkipReason } from '../../../shared/views.ts';
import type { ContentProgress, ScanSummary } from '../content/contract.ts';
import type { WrittenEntry } from './manifest-record.ts';
import type { ManifestWriter } from './manifest.ts';
import { microseconds } from './mtime.ts';
import { pathFault, portableName, skippedFile } from './names.ts';
import { checkReadable, examine, fileEntry, skipReasonOf } from './source.ts';
import type { Source, SourceAccess } from './source.ts';
import { topLevelItems } from './top-level.ts';

export interface ScanOptions {
  /** Called every few hundred entries with what was found so far. */
  readonly onProgress: (progress: ContentProgress) => void;
  /** Asked before every entry; must be cheap. */
  readonly isCancelled: () => boolean;
  /** Throws EACCES for what cannot be read. Default: asks the system. */
  readonly checkReadable?: SourceAccess;
}

/**
 * Walks `paths` (absolute) depth first, names in code-unit order, and appends what is to be sent to `manifest`, which it does not
 * close. A folder comes before what is in it, and all of one top-level item comes in one piece. Memory holds the names of one
 * folder per level. What cannot be sent is left out and listed. Throws `source-missing`, `nothing-to-send`, `too-many-files`,
 * `cancelled`.
 */
export function scan(paths: readonly string[], manifest: ManifestWriter, options: ScanOptions): ScanSummary {
  return new Walk(manifest, options).run(paths);
}

/** A folder on the way down from a top-level item to where the walk is. */
interface Level {
  readonly path: readonly string[];
  readonly source: string;
  /** Tells a folder from any other: a link, or a mount, that leads back into one above would never end. */
  readonly identity: string;
  readonly names: readonly string[];
  next: number;
}

const PROGRESS_EVERY = 256;

/** The system reads names in pieces of this many. */
const NAMES_AT_ONCE = 1024;

class Walk {
  readonly #manifest: ManifestWriter;
  readonly #options: ScanOptions;
  readonly #checkReadable: SourceAccess;
  #roots: readonly string[] = [];
  #levels: Level[] = [];
  #entries = 0;
  readonly #names: string[] = [];
  #itemCount = 0;
  #files = 0;
  #folders = 0;
  #bytes = 0;
  readonly #skipped: SkippedFile[] = [];
  #skippedCount = 0;

  constructor(manifest: ManifestWriter, options: ScanOptions) {
    this.#manifest = manifest;
    this.#options = options;
    this.#checkReadable = options.checkReadable ?? checkReadable;
  }

  run(paths: readonly string[]): ScanSummary {
    const items = topLevelItems(paths);
    this.#roots = items.map((item) => item.source);
    for (const item of items) {
      if (this.#visit([item.name], item.source)) {
        this.#itemCount += 1;
        if (this.#names.length < MAX_OFFER_NAMES) this.#names.push(item.name);
      }
      this.#walkDown();
    }
    if (this.#itemCount === 0) {
      const unreadable = this.#skipped.some((skipped) => skipped.reason === 'unreadable');
      throw new SealaneError(unreadable ? 'source-missing' : 'nothing-to-send');
    }
    this.#options.onProgress({ bytes: this.#bytes, files: this.#files });
    return {
      names: this.#names,
      itemCount: this.#itemCount,
      files: this.#files,
      folders: this.#folders,
      bytes: this.#bytes,
      skipped: this.#skipped,
      skippedCount: this.#skippedCount,
    };
  }

  /** Visits all below the folder that was visited last. */
  #walkDown(): void {
    for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) {
      const name = level.names[level.next];
      const before = level.names[level.next - 1];
      level.next += 1;
      if (name === undefined) {
        this.#levels.pop();
      } else if (name === before) {
        // Two names of one folder that read the same: one of them is no valid UTF-8, and neither can be told from the other.
        this.#skip([...level.path, name], 'unreadable');
      } else {
        this.#visit([...level.path, name], join(level.source, name));
      }
    }
  }

  /** Appends one thing; a folder becomes the next level. Gives whether it will be sent. */
  #visit(path: readonly string[], source: string): boolean {
    this.#pause();
    const refused = nameRefusal(path);
    if (refused !== undefined) return this.#skip(path, refused);
    const found = examine(source, this.#roots);
    if ('skipped' in found) return this.#skip(path, found.skipped);
    if (found.stats.isFile()) return this.#file(path, found);
    if (found.stats.isDirectory()) return this.#folder(path, found);
    return this.#skip(path, 'special-file');
  }

  #file(path: readonly string[], found: Source): boolean {
    try {
      this.#checkReadable(found);
    } catch (error) {
      return this.#skip(path, skipReasonOf(error, found.source));
    }
    const entry = fileEntry(path, found);
    this.#append(entry);
    this.#files += 1;
    this.#bytes += entry.size;
    return true;
  }

  #folder(path: readonly string[], found: Source): boolean {
    const { source, stats } = found;
    const identity = `${stats.dev}:${stats.ino}`;
    if (this.#levels.some((level) => level.identity === identity)) return this.#skip(path, 'link-loop');
    let names: readonly string[];
    try {
      this.#checkReadable(found);
      names = this.#readNames(source);
    } catch (error) {
      if (error instanceof SealaneError) throw error;
      return this.#skip(path, skipReasonOf(error, source));
    }
    this.#append({ kind: 'folder', path, mtimeUs: microseconds(stats.mtimeNs) });
    this.#folders += 1;
    this.#levels.push({ path, source, identity, names, next: 0 });
    return true;
  }

  #readNames(source: string): readonly string[] {
    const directory = opendirSync(source, { bufferSize: NAMES_AT_ONCE });
    try {
      const names: string[] = [];
      for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
        names.push(entry.name);
        if (names.length % NAMES_AT_ONCE === 0) this.#pause();
        if (this.#entries + names.length > MAX_ENTRIES) throw new SealaneError('too-many-files');
      }
      return names.sort();
    } finally {
      directory.closeSync();
    }
  }

  #skip(path: readonly string[], reason: SkipReason): false {
    this.#append({ kind: 'skipped', path, reason });
    this.#skippedCount += 1;
    if (this.#skipped.length < MAX_LISTED_SKIPS) this.#skipped.push(skippedFile(path, reason));
    return false;
  }

  #append(entry: WrittenEntry): void {
    this.#entries += 1;
    if (this.#entries > MAX_ENTRIES) throw new SealaneError('too-many-files');
    this.#manifest.append(entry);
    if (this.#entries % PROGRESS_EVERY === 0) {
      this.#options.onProgress({ bytes: this.#bytes, files: this.#files });
    }
  }

  #pause(): void {
    if (this.#options.isCancelled()) throw new SealaneError('cancelled');
  }
}

/**
 * Why a name cannot be sent. The receiver would refuse the transfer for what `pathFault` finds and leave out what no system can
 * hold: said here, nothing of it crosses the line in vain. Everything else goes out as it is.
 */
function nameRefusal(path: readonly string[]): SkipReason | undefined {
  const fault = pathFault(path);
  if (fault !== undefined) return fault.kind === 'too-long' ? 'name-too-long' : 'name-reserved';
  const portable = portableName(path.at(-1) ?? '', 'posix');
  return portable.kind === 'skip' ? portable.reason : undefined;
}
