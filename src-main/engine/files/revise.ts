import { SealaneError } from '../../../shared/errors.ts';
import { MAX_ENTRIES, MAX_LISTED_SKIPS } from '../../../shared/limits.ts';
import { isBundleName, isHiddenName, isProgramFile } from '../../../shared/marks.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { SkippedFile } from '../../../shared/views.ts';
import type { LookedFor, Revision, Rewritten } from '../content/contract.ts';
import type { ManifestEntry, ManifestFile, WrittenEntry } from './manifest-record.ts';
import { ManifestWriter, readManifest, surveyManifest } from './manifest.ts';
import type { Survey } from './manifest.ts';
import { listedPath, skippedFile } from './names.ts';
import { PathSet } from './path-set.ts';
import { realPlaces } from './real-place.ts';
import type { RealPlaces } from './real-place.ts';
import { RewrittenFiles } from './rewritten-files.ts';
import { scanAgain } from './scan.ts';
import { endMarkAt } from './file-end.ts';
import { asItIs, changedSince, checkReadable, fileEntry } from './source.ts';
import type { Source, SourceAccess } from './source.ts';

export interface ReviseOptions {
  /** Asked before every entry; must be cheap. */
  readonly isCancelled: () => boolean;
  /** How many entries a manifest may have. Default: MAX_ENTRIES. */
  readonly maxEntries?: number;
  /** Throws EACCES for what cannot be read. Default: asks the system. */
  readonly checkReadable?: SourceAccess;
  /** How links in the place of folders are noticed. Default: the way of this system. */
  readonly places?: RealPlaces;
  /**
   * Whether a file that was touched, or is longer, has the content that was sent of the entry of this number, as far as any
   * was. Default: that is not known of any file.
   */
  readonly isAsSent?: (file: ManifestFile, entry: number) => boolean;
  /** Told the number of each entry whose file is longer now, and has what was sent of it as its beginning. */
  readonly onGrown?: (entry: number) => void;
  /** Default: new files and folders are not looked for, and of left out ones all that are known are told. */
  readonly lookedFor?: LookedFor;
  /** Only these are looked at, whose newest entries came to nothing. Default: all. */
  readonly rewritten?: Rewritten;
}

/**
 * Looks at every file of a manifest and appends those that changed since they were listed, as they are now:
 * they will be sent once more, after everything else, and no entry changes its number. One that was only
 * touched, or is longer, is compared with what was sent of it. Each is compared with its newest entry, so that a second look
 * without a change appends nothing. What is gone stays as it was listed, and so does what changed when the
 * manifest is full. New files are no part of the transfer: where they are looked for, each is appended as
 * left out, once, and so is each new folder with all that is in it, as far as the manifest has room. Constant
 * memory, and 9 bytes for each entry where new files are looked for. Of `rewritten` files nothing is compared: the
 * receiver has no version of them that is whole and newest. Throws `cancelled`, and then nothing was
 * appended; `internal` for a damaged manifest, `profile-unusable`.
 */
export function revise(manifestFile: string, options: ReviseOptions): Revision {
  const survey = surveyManifest(manifestFile);
  const appendix = new Appendix(manifestFile, survey, options);
  const { paths = null, since = 0 } = options.lookedFor ?? {};
  const listed = paths === null ? undefined : new Listed();
  try {
    const tally = new Tally(Math.max(since, survey.walked));
    let index = 0;
    for (const entry of readManifest(manifestFile, survey)) {
      if (options.isCancelled()) throw new SealaneError('cancelled');
      const update = entry.kind === 'file' ? appendix.update(entry, index) : undefined;
      const newer = update === 'grown' ? undefined : update;
      if (update === 'grown') {
        tally.grow(entry.path);
        options.onGrown?.(index);
      }
      listed?.add(entry);
      tally.add(entry, index);
      if (newer !== undefined) tally.add(newer, appendix.entries - 1);
      // However often a file changed: its newest entry comes by once.
      const newest = newer ?? (entry.kind === 'file' ? entry : undefined);
      if (newest?.again !== undefined && (newer !== undefined || !appendix.isLost(index)))
        tally.resend(newest.path, newer === undefined ? index : appendix.entries - 1);
      index += 1;
    }
    if (paths !== null && listed !== undefined) {
      lookForNew(paths, listed, options, (entry) => {
        if (appendix.append(entry)) tally.add(entry, appendix.entries - 1);
      });
    }
    appendix.close();
    return { ...tally.result(), entries: appendix.entries };
  } finally {
    appendix.abort();
  }
}

type SkippedEntry = Extract<WrittenEntry, { kind: 'skipped' }>;

/** Gives `onNew` what is left out in `paths` and was never listed there in any way. */
function lookForNew(
  paths: readonly string[],
  listed: Listed,
  { isCancelled, places, lookedFor }: ReviseOptions,
  onNew: (entry: SkippedEntry) => void,
): void {
  listed.seal();
  const sink = {
    append: (entry: WrittenEntry) => {
      if (entry.kind === 'skipped' && listed.isNews(entry)) onNew(entry);
    },
  };
  const isListed = (kind: 'file' | 'folder', path: readonly string[]) => listed.has(kind, path);
  try {
    const profile = lookedFor?.profile;
    scanAgain(paths, sink, { isCancelled, isListed, profile, ...(places === undefined ? {} : { places }) });
  } catch (error) {
    // The manifest has no room for so many, either.
    if (!(error instanceof SealaneError) || error.code !== 'too-many-files') throw error;
  }
}

/** What a manifest lists, to be asked for. */
class Listed {
  readonly #paths = new PathSet();

  add({ kind, path }: ManifestEntry): void {
    this.#paths.add(kind === 'superseded' ? 'file' : kind, path);
  }

  /** Call once, when all are in. */
  seal(): void {
    this.#paths.seal();
  }

  has(kind: 'file' | 'folder', path: readonly string[]): boolean {
    return this.#paths.find(kind, path);
  }

  /**
   * Whether nothing was said of what is left out. Of a file or folder that is listed and cannot be sent any
   * more, its own entry says so, or the receiver has it already.
   */
  isNews({ path, reason }: SkippedEntry): boolean {
    if (this.#paths.find('skipped', path)) return false;
    return reason === 'came-later' || !(this.has('file', path) || this.has('folder', path));
  }
}

/** What is appended; the manifest is not touched before there is something. */
class Appendix {
  readonly #file: string;
  readonly #survey: Survey;
  readonly #maxEntries: number;
  readonly #checkReadable: SourceAccess;
  readonly #places: RealPlaces;
  readonly #isAsSent: (file: ManifestFile, entry: number) => boolean;
  readonly #rewritten: RewrittenFiles | undefined;
  #writer: ManifestWriter | undefined;

  constructor(file: string, survey: Survey, options: ReviseOptions) {
    this.#file = file;
    this.#survey = survey;
    this.#maxEntries = options.maxEntries ?? MAX_ENTRIES;
    this.#checkReadable = options.checkReadable ?? checkReadable;
    this.#places = options.places ?? realPlaces;
    this.#isAsSent = options.isAsSent ?? (() => false);
    const { rewritten } = options;
    this.#rewritten = rewritten === undefined ? undefined : new RewrittenFiles(rewritten);
  }

  /** How many entries the manifest has, with those appended. */
  get entries(): number {
    return (this.#writer ?? this.#survey.committed).entries;
  }

  /**
   * Appends the newest entry of a file, which has the number `index`, once more if the file has changed; gives
   * what it appended, or `grown` where what was sent of it is the beginning of what there is.
   */
  update(entry: ManifestFile, index: number): ManifestFile | 'grown' | undefined {
    if (this.entries >= this.#maxEntries) return undefined;
    const found = this.#look(entry, index);
    if (found === undefined || found === 'grown') return found;
    const { source, stats } = found;
    // It may go on growing.
    const now = fileEntry(entry.path, found, endMarkAt(source, stats));
    // It was offered as no program: that it has become one since is nothing that the receiver's user has agreed to.
    const executable = entry.executable && now.executable;
    const newer = { ...now, executable, again: entry.again ?? index };
    if (this.#rewritten?.take(entry, newer) === false) return undefined;
    this.append(newer);
    return newer;
  }

  /** Whether the newest entry of a file, which has the number `index`, is known to have come to nothing. */
  isLost(index: number): boolean {
    return this.#rewritten?.has(index) === true;
  }

  /** The file of the entry of the number `index` as it is now, if it is to be said once more. */
  #look(entry: ManifestFile, index: number): Source | 'grown' | undefined {
    if (this.#rewritten !== undefined) {
      if (this.#rewritten.hasGrown(index)) return 'grown';
      return this.isLost(index) ? asItIs(entry, this.#checkReadable, this.#places) : undefined;
    }
    const found = changedSince(entry, this.#checkReadable, this.#places);
    if (found === undefined || found.likeness === 'other') return found;
    if (!this.#isAsSent(entry, index)) return found;
    return found.likeness === 'grown' ? 'grown' : undefined;
  }

  /** Appends an entry; false when the manifest is full. */
  append(entry: WrittenEntry): boolean {
    if (this.entries >= this.#maxEntries) return false;
    this.#writer ??= new ManifestWriter(this.#file, this.#survey.committed);
    this.#writer.append(entry);
    return true;
  }

  close(): void {
    this.#writer?.close();
  }

  abort(): void {
    this.#writer?.abort();
  }
}

class Tally {
  /** From the entry of this number on, what is left out or to be sent is told apart. */
  readonly #since: number;
  #files = 0;
  #firstFiles = 0;
  #folders = 0;
  #bytes = 0;
  #hidden = 0;
  #programs = 0;
  readonly #resent: string[] = [];
  #resentCount = 0;
  readonly #grown: string[] = [];
  #grownCount = 0;
  readonly #later: SkippedFile[] = [];
  #laterCount = 0;
  readonly #unsent: SkippedFile[] = [];
  #unsentCount = 0;

  constructor(since: number) {
    this.#since = since;
  }

  /**
   * An entry that was replaced counts like any other: by now, a part of it or all may have crossed. What the receiver is told is
   * the most that may be said to it over all connections.
   */
  add(entry: ManifestEntry, index: number): void {
    const name = entry.path.at(-1) ?? '';
    switch (entry.kind) {
      case 'file':
      case 'superseded':
        this.#files += 1;
        this.#bytes += entry.size;
        if (entry.again !== undefined) return;
        this.#firstFiles += 1;
        // A newer version has the name and the mark of the first one.
        if (isHiddenName(name)) this.#hidden += 1;
        if (isProgramFile(name, entry.executable)) this.#programs += 1;
        return;
      case 'folder':
        this.#folders += 1;
        if (isHiddenName(name)) this.#hidden += 1;
        if (isBundleName(name)) this.#programs += 1;
        return;
      case 'skipped':
        if (index < this.#since) return;
        this.#laterCount += 1;
        if (this.#later.length < MAX_LISTED_SKIPS) this.#later.push(skippedFile(entry.path, entry.reason));
        return;
      default:
        unreachable(entry);
    }
  }

  /** `index` is the number of the newest entry of the file. */
  resend(path: readonly string[], index: number): void {
    this.#resentCount += 1;
    if (this.#resent.length < MAX_LISTED_SKIPS) this.#resent.push(listedPath(path));
    if (index < this.#since) return;
    this.#unsentCount += 1;
    if (this.#unsent.length < MAX_LISTED_SKIPS) this.#unsent.push(skippedFile(path, 'changed'));
  }

  grow(path: readonly string[]): void {
    this.#grownCount += 1;
    if (this.#grown.length < MAX_LISTED_SKIPS) this.#grown.push(listedPath(path));
  }

  result(): Omit<Revision, 'entries'> {
    return {
      files: this.#files,
      firstFiles: this.#firstFiles,
      folders: this.#folders,
      bytes: this.#bytes,
      hidden: this.#hidden,
      programs: this.#programs,
      resent: this.#resent,
      resentCount: this.#resentCount,
      grown: { listed: this.#grown, count: this.#grownCount },
      later: { listed: this.#later, count: this.#laterCount },
      unsent: { listed: this.#unsent, count: this.#unsentCount },
    };
  }
}
