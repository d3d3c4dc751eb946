import { mkdir, open, readdir, rename, rm, truncate, utimes } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { Content } from './content.mjs';
import { Failure } from './failure.mjs';
import { onDisk } from './names.mjs';
import { recordsIn } from './records.mjs';
import { Opener, associatedData, decapsulate, makeKemKeys, transcriptOf, transferKey } from './seal.mjs';

/** Receiving: docs/protocol.md, sections 7.1 to 7.5 and 9. */

/** One transfer, over as many connections as it takes. What is unfinished is known as long as this lives. */
export class Receiving {
  /** @type {import('./messages.mjs').Message<'complete'> | undefined} */
  complete;
  /** Where each connection began. @type {import('./seal.mjs').Place[]} */
  begun = [];

  /**
   * @param {import('./messages.mjs').Offer} agreed
   * @param {string} into
   */
  constructor(agreed, into) {
    this.staging = new Staging(join(into, `.second-${agreed.transfer}`));
    this.into = into;
    this.content = new Content(agreed, this.staging);
  }

  /**
   * From the offer to the end of the connection.
   * @param {import('./line.mjs').Line} line
   * @param {import('./messages.mjs').Offer} offer
   * @param {Uint8Array} offerBody
   */
  async over(line, offer, offerBody) {
    if (this.complete === undefined) await this.#receive(line, offer, offerBody);
    if (this.complete !== undefined) await line.send('complete', this.complete);
    line.close();
  }

  /** After giving up: nothing stays. */
  async discard() {
    await this.staging.discard();
  }

  /**
   * @param {import('./line.mjs').Line} line
   * @param {import('./messages.mjs').Offer} offer
   * @param {Uint8Array} offerBody
   */
  async #receive(line, offer, offerBody) {
    const { secretKey, publicKey } = makeKemKeys();
    const { entry, offset } = await this.content.begin(offer);
    this.begun.push({ entry, offset });
    const accept = await line.send('accept', { kemPublicKey: publicKey, entry, offset });
    const { kemCiphertext, header } = await line.expect('start');
    const shared = decapsulate(kemCiphertext, secretKey);
    const key = transferKey(shared, line.peer.exporter, transcriptOf(offerBody, accept));
    const opener = new Opener(key, header);
    await line.send('progress', { ...this.content.arrived, safeChunks: 0 });
    for (let safeChunks = 1; !this.content.isFinished; safeChunks += 1) {
      const { name, body } = await line.next();
      if (name !== 'chunk') throw new Failure('frame-out-of-order');
      const data = associatedData(offer.transfer, this.content.place);
      const { plaintext, isFinal } = opener.open(body, data);
      await this.content.take(recordsIn(plaintext), isFinal);
      if (!isFinal) await line.send('progress', { ...this.content.arrived, safeChunks });
    }
    const { files, bytes, renamed } = await this.staging.publish(this.into);
    const { skipped } = this.content;
    this.complete = {
      files,
      bytes,
      nothing: files === 0 && offer.folders === 0,
      skipped: skipped.slice(0, 100),
      skippedCount: skipped.length,
      renamed: renamed.slice(0, 100),
      renamedCount: renamed.length,
    };
  }
}

/** A folder apart, in which everything is until all of it is there. */
class Staging {
  /** Files by the number of their first version. @type {Map<number, { path: string[], at: string, size: number }>} */
  #files = new Map();
  /** @type {{ path: string[], at: string, mtimeUs: number }[]} */
  #folders = [];
  /** @type {{ file: import('node:fs/promises').FileHandle, at: string, mtimeUs: number } | undefined} */
  #open;

  /** @param {string} root */
  constructor(root) {
    this.root = root;
  }

  /**
   * @param {string[]} path
   * @param {number} mtimeUs
   */
  async folder(path, mtimeUs) {
    const at = this.#at(path);
    await mkdir(at, { recursive: true });
    this.#folders.push({ path, at, mtimeUs });
  }

  /**
   * @param {number} id
   * @param {import('./records.mjs').File} entry
   * @param {number} offset
   */
  async open(id, entry, offset) {
    const known = this.#files.get(id);
    const at = known?.at ?? (await this.#free(entry.path));
    this.#files.set(id, { path: entry.path, at, size: entry.size });
    await this.#open?.file.close();
    await mkdir(dirname(at), { recursive: true });
    const mode = entry.executable ? 0o700 : 0o600;
    if (offset === 0) await rm(at, { force: true });
    else await truncate(at, offset);
    this.#open = { file: await open(at, offset === 0 ? 'wx' : 'a', mode), at, mtimeUs: entry.mtimeUs };
  }

  /** @param {Uint8Array} bytes */
  async data(bytes) {
    await this.#open?.file.writeFile(bytes);
  }

  async end() {
    if (this.#open === undefined) return;
    const { file, mtimeUs } = this.#open;
    this.#open = undefined;
    await file.utimes(time(mtimeUs), time(mtimeUs));
    await file.sync();
    await file.close();
  }

  /** @param {number} id */
  async drop(id) {
    await this.#open?.file.close();
    this.#open = undefined;
    const known = this.#files.get(id);
    if (known !== undefined) await rm(known.at, { force: true });
    this.#files.delete(id);
  }

  /**
   * Puts everything under its name.
   * @param {string} into
   */
  async publish(into) {
    await mkdir(this.root, { recursive: true });
    for (const { at, mtimeUs } of this.#folders.reverse()) await utimes(at, time(mtimeUs), time(mtimeUs));
    const taken = new Set(await readdir(into));
    /** @type {Map<string, string>} */
    const top = new Map();
    for (const name of await readdir(this.root)) {
      top.set(name, free(name, taken));
      await rename(join(this.root, name), join(into, top.get(name) ?? name));
    }
    await this.discard();
    const files = [...this.#files.values()];
    const renamed = [...this.#folders, ...files].flatMap(({ path, at }) => {
      const [first = '', ...rest] = relative(this.root, at).split(sep);
      const names = [top.get(first) ?? first, ...rest];
      const isKept = names.at(-1) === path.at(-1);
      return isKept ? [] : [{ from: path.join('/'), to: names.join('/') }];
    });
    return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0), renamed };
  }

  async discard() {
    await this.#open?.file.close();
    this.#open = undefined;
    await rm(this.root, { recursive: true, force: true });
  }

  /** @param {string[]} path */
  #at(path) {
    return join(this.root, ...path.map(onDisk));
  }

  /** @param {string[]} path */
  async #free(path) {
    const at = this.#at(path);
    await mkdir(dirname(at), { recursive: true });
    return join(dirname(at), free(onDisk(path.at(-1) ?? ''), new Set(await readdir(dirname(at)))));
  }
}

/**
 * @param {string} name
 * @param {Set<string>} taken
 */
function free(name, taken) {
  const dot = name.indexOf('.', 1);
  const [start, end] = dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
  for (let number = 2, found = name; ; number += 1) {
    if (!taken.has(found)) return found;
    found = `${start} (${number})${end}`;
  }
}

/**
 * Seconds, in the middle of the microsecond: what is rounded down from them is the microsecond that was meant.
 * @param {number} mtimeUs
 */
const time = (mtimeUs) => (mtimeUs + 0.5) / 1_000_000;
