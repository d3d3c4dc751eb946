import { z } from 'zod';
import { MAX_DETAILS_BYTES, MAX_ENTRIES } from '../../../shared/limits.ts';
import { SKIP_REASONS } from '../../../shared/views.ts';
import type { SkippedFile } from '../../../shared/views.ts';
import { EntrySet } from './entry-set.ts';
import type { ListSpace } from './list-space.ts';
import { SideFile } from './side-file.ts';
import type { SideMark } from './side-file.ts';

const entryNumber = z.number().int().min(0).max(MAX_ENTRIES);
/** What was left out, and why, and the entry that said a file first; or only that, of what has arrived after all. */
const lineSchema = z.union([
  z.tuple([z.string(), z.enum(SKIP_REASONS), entryNumber.nullable()]),
  z.tuple([entryNumber]),
]);

/** As often a file can be left out, and arrive after all, before it stays listed. */
const MAX_TIMES = 255;

/**
 * What was left out of a transfer, in a file: no more of it than is kept in the end, since a few bytes of a peer's make many here. The
 * journal knows the first of it, and how much all of it is.
 */
export class LeftOutLog {
  readonly #file: SideFile | null;
  /** Bytes that more of what is left out may take. */
  #room: number;
  /** The files that are in the file as left out, by the entries that said them first. */
  readonly #listed: EntrySet;

  private constructor(file: SideFile | null, room: number, listed: EntrySet) {
    this.#file = file;
    this.#room = room;
    this.#listed = listed;
  }

  /** Makes or empties `file`. */
  static create(file: string, space: ListSpace): LeftOutLog {
    return new LeftOutLog(SideFile.create(file, space), MAX_DETAILS_BYTES, new EntrySet());
  }

  /** Goes on after `mark`, also where what is before is damaged: then nothing of it is listed here any more. */
  static reopen(file: string, mark: SideMark, space: ListSpace): LeftOutLog {
    const listed = new EntrySet();
    const side = SideFile.reopen(file, mark, space, ({ text }) => {
      const line = parse(text);
      if (line?.length === 1) listed.delete(line[0]);
      else if (line?.[2] !== undefined && line[2] !== null) listed.add(line[2]);
    });
    return new LeftOutLog(side, MAX_DETAILS_BYTES - mark.bytes, listed);
  }

  /** Something is left out; `entry`: the one that said a file first, null for what never comes after all. */
  add({ path, reason }: SkippedFile, entry: number | null): void {
    const line = JSON.stringify([path, reason, entry]);
    this.#room -= Buffer.byteLength(line) + 1;
    if (this.#room < 0) return;
    this.#file?.append(line);
    if (entry !== null) this.#listed.add(entry);
  }

  /** The file that `entry` said first was left out, and has arrived after all. */
  remove(entry: number): void {
    if (!this.#listed.has(entry)) return;
    this.#listed.delete(entry);
    this.#file?.append(JSON.stringify([entry]));
  }

  mark(): SideMark | null {
    return this.#file?.mark() ?? null;
  }

  /** As `mark` and `sync`, at once. */
  syncNow(): SideMark | null {
    return this.#file?.syncNow() ?? null;
  }

  async sync(): Promise<void> {
    await this.#file?.sync();
  }

  /** What is left out in the end. */
  *all(): Generator<SkippedFile, void, undefined> {
    let arrived = new Uint8Array(0);
    for (const line of this.#lines()) {
      if (line.length !== 1) continue;
      if (arrived.length === 0) arrived = new Uint8Array(MAX_ENTRIES + 1);
      const [entry] = line;
      arrived[entry] = Math.min(MAX_TIMES, (arrived[entry] ?? 0) + 1);
    }
    for (const line of this.#lines()) {
      if (line.length === 1) continue;
      const [path, reason, entry] = line;
      const times = entry === null ? 0 : (arrived[entry] ?? 0);
      if (entry === null || times === 0) yield { path, reason };
      else arrived[entry] = times - 1;
    }
  }

  /** Idempotent. */
  close(): void {
    this.#file?.close();
  }

  *#lines(): Generator<Line, void, undefined> {
    for (const { text } of this.#file?.read() ?? []) {
      const line = parse(text);
      if (line !== null) yield line;
    }
  }
}

type Line = z.infer<typeof lineSchema>;

function parse(text: string): Line | null {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
