import { createCipheriv, createHash } from 'node:crypto';
import type { Cipheriv } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { unreachable } from '../../shared/unreachable.ts';
import type { Random } from './random.ts';

/** What is sent: folders of every kind, made at random, and what happens to them while they are being sent. */

export const TREE_KINDS = ['big', 'many', 'mixed', 'unicode', 'folders', 'one file', 'nothing much'] as const;
export type TreeKind = (typeof TREE_KINDS)[number];

export const CHANGES = ['grown', 'rewritten', 'replaced', 'removed'] as const;
export type Change = (typeof CHANGES)[number];

const KIB = 1024;
const MIB = 1024 * KIB;
const PIECE = Buffer.alloc(MIB);

const WORDS = [
  'Urlaub in Grüßau',
  'Cafe\u0301',
  'Café',
  '東京の写真',
  'Ελλάδα',
  'Привет',
  'فوتبال',
  '🎉🎊',
  'a name with  spaces ',
  "it's “quoted”",
  '#hash & $dollar; (copy)',
  '.hidden',
  'x'.repeat(200),
  'ü'.repeat(100),
];

export class SoakTree {
  /** The folder that holds what is sent. */
  readonly root: string;
  /** Absolute paths of what is sent. */
  readonly items: string[] = [];
  /** Content of all files, in bytes, as it was before anything changed. */
  bytes = 0;
  /** Hashes of all versions of files that were changed, by path. The path is there before the first change. */
  readonly versions = new Map<string, Set<string>>();
  readonly #files: string[] = [];
  readonly #folders: string[] = [];
  readonly #random: Random;
  readonly #noise: Cipheriv;

  private constructor(root: string, random: Random) {
    this.root = root;
    this.#random = random;
    const key = createHash('sha256').update(String(random.next())).digest().subarray(0, 16);
    this.#noise = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  }

  /** Makes one below `root`, which must not exist, of about `maxBytes` at most. */
  static async make(root: string, kind: TreeKind, random: Random, maxBytes: number): Promise<SoakTree> {
    const tree = new SoakTree(root, random);
    await mkdir(root, { recursive: true });
    await tree.#make(kind, maxBytes);
    await tree.#setTimes();
    return tree;
  }

  get files(): number {
    return this.#files.length;
  }

  /** Changes one file; undefined when there is none. The folder that it is in looks as before, so that it can be compared. */
  async change(): Promise<Change | undefined> {
    const random = this.#random;
    if (this.#files.length === 0) return undefined;
    const path = random.pick(this.#files);
    // Without what was asked for, nobody could ask again.
    const change = random.pick(
      this.items.includes(path) ? CHANGES.filter((each) => each !== 'removed') : CHANGES,
    );
    const versions = this.versions.get(path) ?? new Set();
    this.versions.set(path, versions);
    const before = await hashOf(path);
    if (before === undefined) return undefined;
    versions.add(before);
    await this.#apply(change, path);
    const after = await hashOf(path);
    if (after !== undefined) versions.add(after);
    const seconds = timeOf(dirname(path));
    if (dirname(path) !== this.root) await utimes(dirname(path), seconds, seconds);
    return change;
  }

  async #apply(change: Change, path: string): Promise<void> {
    const size = this.#random.between(0, 200 * KIB);
    switch (change) {
      case 'removed':
        await rm(path);
        break;
      case 'grown':
        await writeFile(path, this.#bytesOf(size + 1), { flag: 'a' });
        break;
      case 'rewritten':
        await writeFile(path, this.#bytesOf((await stat(path)).size % PIECE.length), { flag: 'r+' });
        break;
      case 'replaced':
        await writeFile(`${this.root}.new`, this.#bytesOf(size));
        await rename(`${this.root}.new`, path);
        break;
      default:
        unreachable(change);
    }
  }

  async #make(kind: TreeKind, maxBytes: number): Promise<void> {
    const random = this.#random;
    const top = join(this.root, random.pick(['Holiday', 'Fotos – Grüße', '写真']));
    switch (kind) {
      case 'one file':
        await this.#file(join(this.root, 'film.mov'), random.magnitude(1, maxBytes));
        this.items.push(join(this.root, 'film.mov'));
        return;
      case 'nothing much':
        await this.#folder(top);
        if (random.chance(0.5)) await this.#file(join(top, 'empty'), 0);
        break;
      case 'big':
        await this.#file(join(top, 'film.mov'), random.magnitude(4 * MIB, maxBytes));
        await this.#small(top, random.between(0, 5), 10 * KIB);
        break;
      case 'many':
        await this.#small(top, random.magnitude(100, 4000), 8 * KIB);
        break;
      case 'mixed':
        for (let index = 0; index < 3; index += 1) {
          await this.#file(join(top, `part ${index}`, 'clip.mov'), random.magnitude(1, maxBytes / 4));
          await this.#small(join(top, `part ${index}`), random.magnitude(1, 300), 100 * KIB);
        }
        break;
      case 'unicode':
        for (const word of WORDS) {
          await this.#file(join(top, word), random.between(0, 50 * KIB));
          if (!word.startsWith('.')) await this.#small(join(top, `${word.slice(0, 40)} folder`), 3, 1000);
        }
        break;
      case 'folders':
        for (let index = random.magnitude(3, 300); index > 0; index -= 1)
          await this.#folder(join(top, ...Array.from({ length: random.between(1, 6) }, () => this.#name())));
        await this.#small(top, random.between(0, 20), 1000);
        break;
      default:
        unreachable(kind);
    }
    this.items.push(top);
    if (random.chance(0.3)) {
      await this.#file(join(this.root, 'beside it.txt'), random.between(0, 300 * KIB));
      this.items.push(join(this.root, 'beside it.txt'));
    }
  }

  async #small(folder: string, count: number, maxBytes: number): Promise<void> {
    const random = this.#random;
    for (let index = 0; index < count; index += 1) {
      const inside = random.chance(0.7) ? join(folder, `album ${index % 17}`) : folder;
      await this.#file(join(inside, `${this.#name()} ${index}`), random.between(0, maxBytes));
    }
  }

  #name(): string {
    return this.#random.pick(['IMG', 'note', 'Ü', '文', 'a b', 'z']);
  }

  async #folder(path: string): Promise<void> {
    await mkdir(path, { recursive: true });
    for (let at = path; at !== this.root && !this.#folders.includes(at); at = dirname(at))
      this.#folders.push(at);
  }

  async #file(path: string, size: number): Promise<void> {
    await this.#folder(dirname(path));
    const file = await open(path, 'wx');
    try {
      for (let left = size; left > 0; left -= PIECE.length)
        await file.writeFile(this.#bytesOf(Math.min(left, PIECE.length)));
    } finally {
      await file.close();
    }
    if (this.#random.chance(0.05)) await chmod(path, 0o755);
    this.#files.push(path);
    this.bytes += size;
  }

  #bytesOf(length: number): Buffer {
    return this.#noise.update(PIECE.subarray(0, length));
  }

  /** Whole seconds, which can be set again exactly. */
  async #setTimes(): Promise<void> {
    for (const file of this.#files) {
      if (this.#random.chance(0.3)) await utimes(file, timeOf(file), timeOf(file) + 0.5);
    }
    // The deepest first: what is made in a folder changes its time.
    const deepest = [...this.#folders].sort((a, b) => b.length - a.length);
    for (const folder of deepest) await utimes(folder, timeOf(folder), timeOf(folder));
  }
}

function timeOf(path: string): number {
  return (
    1_000_000_000 + (createHash('sha256').update(relative('/', path)).digest().readUInt32LE() % 500_000_000)
  );
}

/** Of a file's content; undefined when there is no file. */
export async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}
