import { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import { MAX_DETAILS_BYTES, MAX_LISTED_RENAMES, MAX_PATH_BYTES } from '../../../shared/limits.ts';
import type { Renamed } from '../../../shared/views.ts';
import type { ListSpace } from './list-space.ts';
import { PathSet } from './path-set.ts';
import type { Moved } from './publish.ts';
import { SideFile } from './side-file.ts';
import type { SideMark } from './side-file.ts';

const names = z.array(z.string().min(1)).min(1).readonly();
const lineSchema = z.union([
  /** The path that was sent, and the names on disk, from the top-level item down. */
  z.tuple([names, names]),
  /** What is only counted: a top-level item's name on disk, or nothing of what lies below one. */
  z.tuple([z.string().min(1)]),
  z.tuple([]),
]);
type Line = z.infer<typeof lineSchema>;

/** The top-level items that had another name in the staging folder already. */
export interface RenamedItems {
  /** Whether the one with this name in the staging folder did. */
  readonly has: (name: string) => boolean;
}

/** Of what was published: the first of what did not keep the name it was sent under, and how much that is. */
export interface Renames {
  readonly renamed: readonly Renamed[];
  readonly renamedCount: number;
}

/**
 * What did not get the name it was sent under when it was made in the staging folder, in a file: each once, since each comes once. A
 * thing below a folder that was renamed has its own name, and is not listed for that. What top-level items are called in the end is
 * known only when they are moved (`Moved`), and put together with this then. As much of it as is kept in the end has both its paths
 * here; the rest is counted, and of top-level items it is known still which they are.
 */
export class RenameLog {
  readonly #file: SideFile | null;
  readonly #lost: number;
  /** Bytes that more may take. */
  #room: number;

  private constructor(file: SideFile | null, written: number, lost = 0) {
    this.#file = file;
    this.#room = MAX_DETAILS_BYTES - written;
    this.#lost = lost;
  }

  /** Makes or empties `file`. */
  static create(file: string, space: ListSpace): RenameLog {
    return new RenameLog(SideFile.create(file, space), 0);
  }

  /** Goes on after `mark`; null when what is before is damaged. */
  static reopen(file: string, mark: SideMark, space: ListSpace): RenameLog | null {
    const side = SideFile.reopen(file, mark, space, () => undefined);
    return side === null ? null : new RenameLog(side, mark.bytes);
  }

  /**
   * What is before `mark`, for a publication that is brought to its end: nothing is noted any more. Also where it is damaged, which
   * must not keep anything from its place; then no more of it is known than how much it was.
   */
  static late(file: string, mark: SideMark, space: ListSpace): RenameLog {
    return RenameLog.reopen(file, mark, space) ?? new RenameLog(null, mark.bytes, mark.lines);
  }

  /** How many things got another name. */
  get count(): number {
    return this.#file?.lines ?? this.#lost;
  }

  /** Something that was sent as `path` is called `named` on disk; nothing is noted where its own name is the same. */
  note(path: readonly string[], named: readonly string[]): void {
    const file = this.#expectFile();
    if (path.at(-1) === named.at(-1)) return;
    const line = JSON.stringify([path, named]);
    this.#room -= Buffer.byteLength(line) + 1;
    if (this.#room >= 0) file.append(line);
    else file.append(JSON.stringify(path.length === 1 ? named : []));
  }

  mark(): SideMark {
    return this.#expectFile().mark();
  }

  sync(): Promise<void> {
    return this.#expectFile().sync();
  }

  /** What moves top-level items must know of what is listed here, which stays as it is from now on. */
  topLevel(): RenamedItems {
    const set = new PathSet();
    for (const line of this.#lines()) {
      if (line.length === 2 && line[0].length === 1) set.add('file', line[1]);
      if (line.length === 1) set.add('file', line);
    }
    set.seal();
    return { has: (name) => set.find('file', [name]) };
  }

  /** What all of it has come to, now that the top-level items were moved. */
  summary(moved: Moved, topLevel: RenamedItems): Renames {
    const renamed: Renamed[] = [];
    for (const each of this.renames(moved, topLevel)) {
      if (renamed.length === MAX_LISTED_RENAMES) break;
      renamed.push(each);
    }
    return { renamed, renamedCount: this.count + moved.renamedCount };
  }

  /** What was sent under one name and is there under another one, now that the top-level items were moved: each once. */
  *renames({ targets }: Moved, topLevel: RenamedItems): Generator<Renamed, void, undefined> {
    for (const [from, to] of targets) if (!topLevel.has(from)) yield { from, to };
    for (const line of this.#lines()) {
      if (line.length !== 2) continue;
      const [path, [top = '', ...below]] = line;
      const from = path.join('/');
      const to = [targets.get(top) ?? top, ...below].join('/');
      // One that is too long for a message is counted, and not listed.
      if (Buffer.byteLength(from) <= MAX_PATH_BYTES && Buffer.byteLength(to) <= MAX_PATH_BYTES)
        yield { from, to };
    }
  }

  /** Idempotent. */
  close(): void {
    this.#file?.close();
  }

  #expectFile(): SideFile {
    if (this.#file === null) throw new SealaneError('internal', { detail: 'the list of renames is lost' });
    return this.#file;
  }

  *#lines(): Generator<Line, void, undefined> {
    for (const { text } of this.#file?.read() ?? []) {
      const line = parse(text);
      if (line === null) throw new SealaneError('internal', { detail: 'the list of renames is damaged' });
      yield line;
    }
  }
}

function parse(text: string): Line | null {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
