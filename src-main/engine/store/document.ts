import { readFile, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { SealaneError } from '../../../shared/errors.ts';
import { writeDurably } from './durable-file.ts';
import { decode, encode } from './envelope.ts';
import { inProfile, systemCode } from './failure.ts';
import type { ProfileLock } from './lock.ts';

/**
 * One JSON document that survives crashes, power cuts, other processes and the damage of any single file. It lies on disk twice,
 * as NAME.json and NAME.copy.json, both in one state. A change replaces the copy first, then the main file, which counts: at each
 * moment one of the two is whole and untouched, and a change that failed was not made.
 */
export interface Document<T> {
  /** Whether it had to begin anew since it was opened, because both files were damaged or gone. */
  readonly lost: boolean;
  /** The newest state this process knows. */
  read(): T;
  /**
   * Replaces the newest state on disk by what `edit` makes of it, and resolves with its result.
   * Throws `profile-unusable`; `internal` when the new state does not fit the schema; and what `edit` throws, then nothing is changed.
   */
  change<R>(edit: (current: T) => readonly [next: T, result: R]): Promise<R>;
  /** Looks whether another process changed it. Throws `profile-unusable`. */
  refresh(): Promise<void>;
  /** Calls `listener` after every change of the state, before the promise of the change resolves; gives back what stops it. */
  onChange(listener: () => void): () => void;
}

export interface DocumentOptions<T> {
  readonly folder: string;
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** What it holds when it is new. */
  readonly empty: () => T;
  readonly lock: ProfileLock;
  /** Whether it was there before: one that is not is lost, and not new. Default: false. */
  readonly isKnown?: boolean;
}

interface State<T> {
  readonly text: string;
  readonly value: T;
}

/** The text of a file; undefined when there is none. What a bad sector took reads as an empty text, which is damaged. */
async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return undefined;
    if (code === 'EIO') return '';
    throw error;
  }
}

/** What a file looks like from outside: each write makes a new inode. */
async function signature(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return [ino, size, mtimeNs].join(' ');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'absent';
    throw error;
  }
}

class FileDocument<T> implements Document<T> {
  readonly #options: DocumentOptions<T>;
  readonly #main: string;
  readonly #copy: string;
  readonly #listeners = new Set<() => void>();
  #state: State<T>;
  /** The main file's signature when it was last refreshed. */
  #seen = '';
  #lost = false;

  constructor(options: DocumentOptions<T>) {
    this.#options = options;
    this.#main = join(options.folder, `${options.name}.json`);
    this.#copy = join(options.folder, `${options.name}.copy.json`);
    const value = options.empty();
    this.#state = { text: encode(value), value };
  }

  /** Without the lock where nothing is to be mended, so that opening need not wait for anybody. */
  async open(): Promise<void> {
    const [main, copy] = await Promise.all([readText(this.#main), readText(this.#copy)]);
    const state = main === copy ? this.#decode(main) : undefined;
    if (state) this.#adopt(state);
    else await this.#mend();
  }

  get lost(): boolean {
    return this.#lost;
  }

  read(): T {
    return this.#state.value;
  }

  change<R>(edit: (current: T) => readonly [next: T, result: R]): Promise<R> {
    const change = async (): Promise<R> => {
      const current = await this.#settle();
      const [next, result] = edit(current.value);
      const text = encode(next);
      const state = text === current.text ? current : this.#decode(text);
      // Written, it would be taken for damage. The cause would quote the content, so there is none.
      if (!state) throw new SealaneError('internal', { detail: `${this.#options.name}-schema` });
      if (state !== current) await writeDurably([this.#copy, this.#main], text);
      this.#adopt(state);
      return result;
    };
    return inProfile(() => this.#options.lock.run(change));
  }

  refresh(): Promise<void> {
    return inProfile(async () => {
      const seen = await signature(this.#main);
      if (seen === this.#seen) return;
      const before = this.#state;
      const state = this.#decode(await readText(this.#main));
      if (!state) await this.#mend();
      else if (this.#state === before) this.#adopt(state);
      // Something newer came while this was read.
      else return this.refresh();
      this.#seen = seen;
    });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #adopt(state: State<T>): void {
    if (state.text === this.#state.text) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  #decode(text: string | undefined): State<T> | undefined {
    if (text === undefined) return undefined;
    if (text === this.#state.text) return this.#state;
    const decoded = decode(text, this.#options.schema);
    return decoded && { text, value: decoded.value };
  }

  async #mend(): Promise<void> {
    await this.#options.lock.run(async () => {
      this.#adopt(await this.#settle());
    });
  }

  /** Under the lock: the state on disk, after which both files hold it. */
  async #settle(): Promise<State<T>> {
    const [main, copy] = await Promise.all([readText(this.#main), readText(this.#copy)]);
    const state = this.#decode(main);
    if (state) {
      if (copy !== main) await writeDurably([this.#copy], state.text);
      return state;
    }
    const rescued = this.#decode(copy);
    if (rescued) {
      await writeDurably([this.#main], rescued.text);
      return rescued;
    }
    if (main !== undefined) await this.#keepAside(this.#main);
    if (copy !== undefined) await this.#keepAside(this.#copy);
    if (main !== undefined || copy !== undefined || this.#options.isKnown === true) this.#lost = true;
    const value = this.#options.empty();
    const fresh = { text: encode(value), value };
    await writeDurably([this.#copy, this.#main], fresh.text);
    return fresh;
  }

  async #keepAside(file: string): Promise<void> {
    const { folder, name } = this.#options;
    const taken = new Set(await readdir(folder));
    let n = 1;
    while (taken.has(`${name}.damaged-${n}.json`)) n += 1;
    await rename(file, join(folder, `${name}.damaged-${n}.json`));
  }
}

/** Opens a document, or makes it, and mends what is damaged. Throws `profile-unusable`. */
export async function openDocument<T>(options: DocumentOptions<T>): Promise<Document<T>> {
  const document = new FileDocument(options);
  await inProfile(() => document.open());
  return document;
}
