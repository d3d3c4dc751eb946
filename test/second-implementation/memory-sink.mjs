/** Content that is kept in memory, as the vectors tell it: what came of every file and folder. */
export class MemorySink {
  /** @type {Map<number, { path: string[], mtimeUs: number, executable: boolean, content: Uint8Array[] }>} */
  #files = new Map();
  /** @type {{ path: string[], mtimeUs: number }[]} */
  #folders = [];
  /** @type {Uint8Array[]} */
  #open = [];

  get result() {
    const files = [...this.#files.values()].map(({ content, ...file }) => ({
      ...file,
      content: Buffer.concat(content).toString('hex'),
    }));
    return { folders: this.#folders, files };
  }

  /**
   * @param {string[]} path
   * @param {number} mtimeUs
   */
  async folder(path, mtimeUs) {
    await Promise.resolve(this.#folders.push({ path, mtimeUs }));
  }

  /**
   * @param {number} id
   * @param {import('./records.mjs').File} entry
   * @param {number} offset
   */
  async open(id, { path, mtimeUs, executable }, offset) {
    const before = this.#files.get(id)?.content ?? [];
    this.#open = offset === 0 ? [] : before;
    await Promise.resolve(this.#files.set(id, { path, mtimeUs, executable, content: this.#open }));
  }

  /** @param {Uint8Array} bytes */
  async data(bytes) {
    await Promise.resolve(this.#open.push(bytes.slice()));
  }

  async end() {
    await Promise.resolve();
  }

  /** @param {number} id */
  async drop(id) {
    await Promise.resolve(this.#files.delete(id));
  }
}
