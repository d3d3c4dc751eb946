import { opendirSync } from 'node:fs';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_ENTRIES, MAX_LISTED_SKIPS, MAX_OFFER_NAMES } from '../../../shared/limits.ts';
import type { SkippedFile, SkipReason } from '../../../shared/views.ts';
import { isBundleName, isHiddenName, isProgramFile } from '../../../shared/marks.ts';
import type { ContentProgress, OfferedItem, ScanSummary } from '../content/contract.ts';
import { endMarkAt, isFresh } from './file-end.ts';
import type { WrittenEntry } from './manifest-record.ts';
import { microseconds } from './mtime.ts';
import { pathFault, skippedFile } from './names.ts';
import { OwnFiles } from './own-files.ts';
import { isSame, realPlaces } from './real-place.ts';
import type { RealPlaces } from './real-place.ts';
import { checkReadable, examine, examineItem, fileEntry, skipReasonOf } from './source.ts';
import type { Examined, Found, SourceAccess } from './source.ts';
import { SourceFolder } from './source-folder.ts';
import { itemsStillThere, topLevelItems } from './top-level.ts';
import type { TopLevelItem } from './top-level.ts';
import { Unsendable } from './unsendable.ts';

export interface ScanOptions {
  /** Called every few hundred entries with what was found so far. */
  readonly onProgress: (progress: ContentProgress) => void;
  /** Asked before every entry; must be cheap. */
  readonly isCancelled: () => boolean;
  /** Throws EACCES for what cannot be read. Default: asks the system. */
  readonly checkReadable?: SourceAccess;
  /** How links in the place of folders are noticed. Default: the way of this system. */
  readonly places?: RealPlaces;
  /** The profile that is open, absolute: neither it nor its key is sent. Default: none is. */
  readonly profile?: string | undefined;
}

/**
 * Walks `paths` (absolute) depth first, names in code-unit order, and appends what is to be sent to `manifest`, which it does not
 * close. A folder comes before what is in it, and all of one top-level item comes in one piece. Memory holds the names of one
 * folder per level, and holds these folders: whatever another user puts in the place of one meanwhile is not walked. What cannot
 * be sent is left out and listed, and so is what was chosen and is not there. Throws `Unsendable` where nothing can be sent
 * (`nothing-to-send` where nothing was chosen), `too-many-files`, `cancelled`.
 */
export function scan(paths: readonly string[], manifest: EntrySink, options: ScanOptions): ScanSummary {
  return new Walk(manifest, options).run(paths);
}

/** What takes the entries of a walk, one by one. */
interface EntrySink {
  append(entry: WrittenEntry): void;
}

/** A file or folder that can be sent. */
type SendableKind = Exclude<WrittenEntry['kind'], 'skipped'>;

export interface ScanAgainOptions extends Omit<ScanOptions, 'onProgress'> {
  /** Whether a walk before this one has listed a file or folder under these names. */
  readonly isListed: (kind: SendableKind, path: readonly string[]) => boolean;
}

/**
 * Walks `paths` (absolute) as `scan` does, and appends to `sink` what that gives. What can be sent and is not
 * listed is left out as `came-later`, a folder with all that is in it. Of paths that lead nowhere by now the
 * others are walked. Throws `too-many-files`, `cancelled`.
 */
export function scanAgain(paths: readonly string[], sink: EntrySink, options: ScanAgainOptions): void {
  new Walk(sink, { ...options, onProgress: () => undefined }).runAgain(paths);
}

/** A folder on the way down from a top-level item to where the walk is. */
interface Level {
  readonly path: readonly string[];
  readonly folder: SourceFolder;
  readonly names: readonly string[];
  next: number;
}

const PROGRESS_EVERY = 256;

/** The system reads names in pieces of this many. */
const NAMES_AT_ONCE = 1024;

class Walk {
  readonly #manifest: EntrySink;
  readonly #options: ScanOptions & Partial<ScanAgainOptions>;
  readonly #checkReadable: SourceAccess;
  readonly #places: RealPlaces;
  readonly #own: OwnFiles;
  #roots: readonly string[] = [];
  #levels: Level[] = [];
  #entries = 0;
  readonly #items: OfferedItem[] = [];
  #itemCount = 0;
  #files = 0;
  #folders = 0;
  #bytes = 0;
  #hidden = 0;
  #programs = 0;
  readonly #skipped: SkippedFile[] = [];
  #skippedCount = 0;

  constructor(manifest: EntrySink, options: ScanOptions & Partial<ScanAgainOptions>) {
    this.#manifest = manifest;
    this.#options = options;
    this.#checkReadable = options.checkReadable ?? checkReadable;
    this.#places = options.places ?? realPlaces;
    this.#own = new OwnFiles(options.profile);
  }

  run(paths: readonly string[]): ScanSummary {
    this.#walk(topLevelItems(paths, this.#places));
    return this.#summary();
  }

  runAgain(paths: readonly string[]): void {
    this.#walk(itemsStillThere(paths, this.#places));
  }

  #walk(items: readonly TopLevelItem[]): void {
    this.#roots = items.flatMap((item) => ('source' in item ? [item.source] : []));
    try {
      for (const item of items) {
        const visited = this.#visit([item.name], () =>
          'skipped' in item ? item : examineItem(item, this.#places),
        );
        if (visited !== null) {
          this.#itemCount += 1;
          if (this.#items.length < MAX_OFFER_NAMES) this.#items.push(offeredItem(item.name, visited));
        }
        this.#walkDown();
      }
    } finally {
      for (const { folder } of this.#levels) folder.close();
    }
  }

  #summary(): ScanSummary {
    if (this.#itemCount === 0) {
      if (this.#skippedCount === 0) throw new SealaneError('nothing-to-send');
      throw new Unsendable({ skipped: this.#skipped, skippedCount: this.#skippedCount });
    }
    this.#options.onProgress({ bytes: this.#bytes, files: this.#files });
    return {
      items: this.#items,
      itemCount: this.#itemCount,
      files: this.#files,
      folders: this.#folders,
      bytes: this.#bytes,
      hidden: this.#hidden,
      programs: this.#programs,
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
        level.folder.close();
      } else if (name === before) {
        // Two names of one folder that read the same: one of them is no valid UTF-8, and neither can be told from the other.
        this.#skip([...level.path, name], 'name-encoding');
      } else {
        const { folder } = level;
        this.#visit([...level.path, name], () => examine(folder, name, this.#roots, this.#places));
      }
    }
  }

  /** Appends one thing; a folder becomes the next level. Gives what will be sent, or null. */
  #visit(path: readonly string[], look: () => Examined): WrittenEntry | null {
    this.#pause();
    const refused = nameRefusal(path);
    if (refused !== undefined) return this.#skip(path, refused);
    const found = look();
    if ('skipped' in found) return this.#skip(path, found.skipped);
    if (found.byPath === true && this.#own.isBelowOwn(found.source)) return this.#skip(path, 'own-files');
    if (found.stats.isFile()) return this.#file(path, found);
    if (found.stats.isDirectory()) return this.#folder(path, found);
    return this.#skip(path, 'special-file');
  }

  /** Whether it came after the walk that an offer was made of. */
  #cameLater(kind: SendableKind, path: readonly string[]): boolean {
    return this.#options.isListed?.(kind, path) === false;
  }

  #file(path: readonly string[], found: Found): WrittenEntry | null {
    if (this.#own.isKey(found.stats)) return this.#skip(path, 'own-files');
    if (this.#cameLater('file', path)) return this.#skip(path, 'came-later');
    try {
      this.#checkReadable(found);
    } catch (error) {
      return this.#skip(path, skipReasonOf(error, found.source));
    }
    const { at, stats } = found;
    const entry = fileEntry(path, found, isFresh(stats) ? endMarkAt(at, stats) : undefined);
    this.#append(entry);
    this.#files += 1;
    this.#bytes += entry.size;
    if (isProgramFile(path.at(-1) ?? '', entry.executable)) this.#programs += 1;
    return entry;
  }

  #folder(path: readonly string[], found: Found): WrittenEntry | null {
    if (this.#cameLater('folder', path)) return this.#skip(path, 'came-later');
    const { source, at, stats } = found;
    // A link, or a mount, that leads back into a folder above would never end.
    if (this.#levels.some((level) => isSame(level.folder.stats, stats))) return this.#skip(path, 'link-loop');
    let folder: SourceFolder | undefined;
    let names: readonly string[];
    try {
      this.#checkReadable(found);
      folder = SourceFolder.open(at, source, stats, this.#places);
      if (folder === undefined) return this.#skip(path, 'changed');
      names = this.#readNames(folder.path);
    } catch (error) {
      folder?.close();
      if (error instanceof SealaneError) throw error;
      return this.#skip(path, skipReasonOf(error, source));
    }
    if (!folder.isStill()) {
      folder.close();
      return this.#skip(path, 'changed');
    }
    if (this.#own.isOwnFolder(source, stats, names)) {
      folder.close();
      return this.#skip(path, 'own-files');
    }
    this.#levels.push({ path, folder, names, next: 0 });
    const entry = { kind: 'folder' as const, path, mtimeUs: microseconds(stats.mtimeNs) };
    this.#append(entry);
    this.#folders += 1;
    if (isBundleName(path.at(-1) ?? '')) this.#programs += 1;
    return entry;
  }

  #readNames(path: string): readonly string[] {
    const directory = opendirSync(path, { bufferSize: NAMES_AT_ONCE });
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

  #skip(path: readonly string[], reason: SkipReason): null {
    this.#append({ kind: 'skipped', path, reason });
    this.#skippedCount += 1;
    if (this.#skipped.length < MAX_LISTED_SKIPS) this.#skipped.push(skippedFile(path, reason));
    return null;
  }

  #append(entry: WrittenEntry): void {
    if (entry.kind !== 'skipped' && isHiddenName(entry.path.at(-1) ?? '')) this.#hidden += 1;
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

function offeredItem(name: string, entry: WrittenEntry): OfferedItem {
  return entry.kind === 'file'
    ? { name, kind: 'file', program: isProgramFile(name, entry.executable) }
    : { name, kind: 'folder', program: isBundleName(name) };
}

/**
 * Why a name cannot be sent: the receiver would refuse the whole transfer for what `pathFault` finds. Everything else goes out as
 * it is, since only the receiver knows what its file system can hold.
 */
function nameRefusal(path: readonly string[]): SkipReason | undefined {
  const fault = pathFault(path);
  if (fault === undefined) return undefined;
  return fault.kind === 'too-long' ? 'name-too-long' : 'name-reserved';
}
