import { SealaneError } from '../../../shared/errors.ts';
import { MAX_ENTRIES, MAX_LISTED_SKIPS } from '../../../shared/limits.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import type { Revision } from '../content/contract.ts';
import type { ManifestEntry, ManifestFile } from './manifest-record.ts';
import { ManifestWriter, readManifest, surveyManifest } from './manifest.ts';
import type { Survey } from './manifest.ts';
import { listedPath } from './names.ts';
import { changedSince, checkReadable, fileEntry } from './source.ts';
import type { SourceAccess } from './source.ts';

export interface ReviseOptions {
  /** Asked before every entry; must be cheap. */
  readonly isCancelled: () => boolean;
  /** How many entries a manifest may have. Default: MAX_ENTRIES. */
  readonly maxEntries?: number;
  /** Throws EACCES for what cannot be read. Default: asks the system. */
  readonly checkReadable?: SourceAccess;
}

/**
 * Looks at every file of a manifest and appends those that changed since they were listed, as they are now: they will be sent once
 * more, after everything else, and no entry changes its number. Each is compared with its newest entry, so that a second look
 * without a change appends nothing. What is gone stays as it was listed, and so does what changed when the manifest is full. New
 * files are no part of the transfer. Constant memory. Throws `cancelled`, and then nothing was appended; `internal` for a damaged
 * manifest, `profile-unusable`.
 */
export function revise(manifestFile: string, options: ReviseOptions): Revision {
  const survey = surveyManifest(manifestFile);
  const appendix = new Appendix(manifestFile, survey, options);
  try {
    const tally = new Tally();
    let index = 0;
    for (const entry of readManifest(manifestFile, survey)) {
      if (options.isCancelled()) throw new SealaneError('cancelled');
      const newer = entry.kind === 'file' ? appendix.update(entry, index) : undefined;
      tally.add(entry);
      if (newer !== undefined) tally.add(newer);
      // However often a file changed: its first entry comes by once.
      if (isFirstOfSeveral(entry, newer)) tally.resend(entry.path);
      index += 1;
    }
    appendix.close();
    return tally.result();
  } finally {
    appendix.abort();
  }
}

function isFirstOfSeveral(entry: ManifestEntry, newer: ManifestFile | undefined): boolean {
  if (entry.kind !== 'superseded' && (entry.kind !== 'file' || newer === undefined)) return false;
  return entry.again === undefined;
}

/** What is appended; the manifest is not touched before there is something. */
class Appendix {
  readonly #file: string;
  readonly #survey: Survey;
  readonly #maxEntries: number;
  readonly #checkReadable: SourceAccess;
  #writer: ManifestWriter | undefined;

  constructor(file: string, survey: Survey, options: ReviseOptions) {
    this.#file = file;
    this.#survey = survey;
    this.#maxEntries = options.maxEntries ?? MAX_ENTRIES;
    this.#checkReadable = options.checkReadable ?? checkReadable;
  }

  /** Appends the newest entry of a file, which has the number `index`, once more if the file has changed; gives what it appended. */
  update(entry: ManifestFile, index: number): ManifestFile | undefined {
    if ((this.#writer ?? this.#survey.committed).entries >= this.#maxEntries) return undefined;
    const found = changedSince(entry, this.#checkReadable);
    if (found === undefined) return undefined;
    const newer = { ...fileEntry(entry.path, found), again: entry.again ?? index };
    this.#writer ??= new ManifestWriter(this.#file, this.#survey.committed);
    this.#writer.append(newer);
    return newer;
  }

  close(): void {
    this.#writer?.close();
  }

  abort(): void {
    this.#writer?.abort();
  }
}

class Tally {
  #files = 0;
  #folders = 0;
  #bytes = 0;
  readonly #resent: string[] = [];
  #resentCount = 0;

  /**
   * An entry that was replaced counts like any other: by now, a part of it or all may have crossed. What the receiver is told is
   * the most that may be said to it over all connections.
   */
  add(entry: ManifestEntry): void {
    switch (entry.kind) {
      case 'file':
      case 'superseded':
        this.#files += 1;
        this.#bytes += entry.size;
        return;
      case 'folder':
        this.#folders += 1;
        return;
      case 'skipped':
        return;
      default:
        unreachable(entry);
    }
  }

  resend(path: readonly string[]): void {
    this.#resentCount += 1;
    if (this.#resent.length < MAX_LISTED_SKIPS) this.#resent.push(listedPath(path));
  }

  result(): Revision {
    return {
      files: this.#files,
      folders: this.#folders,
      bytes: this.#bytes,
      resent: this.#resent,
      resentCount: this.#resentCount,
    };
  }
}
