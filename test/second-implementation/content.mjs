import { Failure } from './failure.mjs';
import { reasons } from './messages.mjs';
import { checkPath, isHidden, isProgram } from './names.mjs';

/** What may come, over all connections of one transfer: docs/protocol.md, sections 7.5 and 8.2. */

/** @typedef {import('./messages.mjs').Offer} Offer */
/** @typedef {import('./records.mjs').File} File */
/** @typedef {import('./records.mjs').Body<'superseded'>} Version */

/**
 * Where content goes once it has passed. `id` is the number of the first version of a file.
 * @typedef {object} Sink
 * @property {(path: string[], mtimeUs: number) => Promise<void>} folder
 * @property {(id: number, entry: File, offset: number) => Promise<void>} open
 * @property {(bytes: Uint8Array) => Promise<void>} data
 * @property {() => Promise<void>} end
 * @property {(id: number) => Promise<void>} drop
 */

const MIB = 1024 * 1024;
const isEqual = (/** @type {unknown} */ one, /** @type {unknown} */ other) =>
  JSON.stringify(one) === JSON.stringify(other);

export class Content {
  done = 0;
  /** What came over all connections, for `progress`. */
  arrived = { bytes: 0, files: 0 };
  /** @type {{ path: string, reason: (typeof reasons)[number] }[]} */
  skipped = [];
  isFinished = false;
  /** @type {{ id: number, entry: File, offset: number } | undefined} */
  #open;
  #mustGoOn = false;
  /** First versions, by their numbers. @type {Map<number, Version>} */
  #firsts = new Map();
  /** Those of which no version has come. @type {Set<number>} */
  #owed = new Set();
  /** @type {string[]} */
  #folder = [];
  #count = { files: 0, folders: 0, hidden: 0, programs: 0, bytes: 0 };
  #top = 0;
  #stream = { files: 0, bytes: 0, skippedCount: 0, grown: 0 };

  /**
   * @param {Offer} agreed the offer that was accepted
   * @param {Sink} sink
   */
  constructor(agreed, sink) {
    this.agreed = agreed;
    this.offer = agreed;
    this.sink = sink;
  }

  get place() {
    return { entry: this.done, offset: this.#open?.offset ?? 0 };
  }

  /**
   * A connection begins, with its own offer. Gives where the content shall begin.
   * @param {Offer} offer
   */
  async begin(offer) {
    const { agreed } = this;
    const same = /** @type {const} */ (['transfer', 'items', 'itemCount', 'folders', 'hidden', 'programs']);
    const isAgreed =
      same.every((key) => isEqual(offer[key], agreed[key])) &&
      offer.files >= agreed.files &&
      offer.files <= 8 * agreed.files &&
      offer.bytes <= 8 * (2 * agreed.bytes + 16 * MIB);
    if (!isAgreed) throw new Failure('content-mismatch');
    this.offer = offer;
    if (this.#open?.offset === 0) await this.#drop();
    this.#mustGoOn = this.#open !== undefined;
    this.#stream = { files: 0, bytes: 0, skippedCount: 0, grown: 0 };
    return this.place;
  }

  /**
   * @param {import('./records.mjs').ContentRecord[]} records of one chunk
   * @param {boolean} isFinal
   */
  async take(records, isFinal) {
    for (const record of records) {
      this.#expect(!this.isFinished);
      await this.#takeOne(record);
    }
    this.#expect(this.isFinished === isFinal);
  }

  /** @param {import('./records.mjs').ContentRecord} record */
  async #takeOne(record) {
    const isVersion = record.type === 'superseded' || record.type === 'missing';
    this.#expect(!this.#mustGoOn || isVersion || (record.type === 'entry' && record.value.kind === 'file'));
    this.#expect(this.#stream.grown === 0 || record.type === 'grown' || record.type === 'finish');
    const isInside = this.#open !== undefined && !this.#mustGoOn;
    this.#expect(isInside === ['data', 'end', 'fail'].includes(record.type));
    switch (record.type) {
      case 'entry':
        await (record.value.kind === 'file' ? this.#file(record.value) : this.#newFolder(record.value));
        break;
      case 'data':
        await this.#data(record.bytes);
        break;
      case 'end':
        await this.#end();
        break;
      case 'fail':
        await this.#fail(record.reason);
        break;
      case 'superseded':
      case 'missing':
        await this.#without(record);
        break;
      case 'skip':
        this.#leaveOut(record.value.path, record.value.reason);
        this.done += 1;
        break;
      case 'grown':
        this.#stream.grown += 1;
        this.#expect(this.#stream.grown <= 100);
        break;
      case 'finish':
        this.#finish(record.value);
        break;
      default:
    }
    this.#expect(this.done <= 5_000_000);
  }

  /** @param {File} entry */
  async #file(entry) {
    const goesOn = this.#open;
    if (this.#mustGoOn && goesOn !== undefined) {
      this.#mustGoOn = false;
      this.#expect(isEqual(entry.path, goesOn.entry.path) && entry.again === goesOn.entry.again);
      this.#expect(entry.executable === goesOn.entry.executable && entry.size >= goesOn.offset);
      this.#count.bytes += entry.size - goesOn.entry.size;
      const offset = entry.anew === true ? 0 : goesOn.offset;
      this.#open = { id: goesOn.id, entry, offset };
      await this.sink.open(goesOn.id, entry, offset);
      return;
    }
    this.#expect(entry.anew !== true);
    const id = this.#judge(entry);
    this.#count.bytes += entry.size;
    this.#expect(this.#count.bytes <= this.offer.bytes);
    this.#open = { id, entry, offset: 0 };
    await this.sink.open(id, entry, 0);
  }

  /**
   * Holds a version of a file against the rules, and counts it. Gives the number of the first version.
   * @param {Version} version
   */
  #judge(version) {
    checkPath(version.path);
    this.#count.files += 1;
    this.#expect(this.#count.files <= this.offer.files);
    if (version.again !== undefined) {
      const first = this.#firsts.get(version.again);
      this.#expect(first !== undefined && version.again < this.done && isEqual(first.path, version.path));
      this.#expect(!version.executable || first?.executable === true);
      return version.again;
    }
    this.#firsts.set(this.done, { path: version.path, executable: version.executable });
    this.#owed.add(this.done);
    this.#expect(this.#firsts.size <= this.agreed.files);
    this.#isNew(version.path, version.executable);
    return this.done;
  }

  /**
   * A path that comes for the first time: in its place, and shown or counted by the offer.
   * @param {string[]} path
   * @param {boolean | 'folder'} executable
   */
  #isNew(path, executable) {
    const name = path.at(-1) ?? '';
    const parent = path.slice(0, -1);
    this.#expect(parent.every((each, at) => each === this.#folder[at]));
    this.#folder = executable === 'folder' ? path : parent;
    const runs = isProgram(name, executable);
    if (parent.length === 0) {
      const shown = this.offer.items[this.#top];
      this.#expect(this.#top < this.offer.itemCount);
      this.#top += 1;
      if (shown !== undefined) {
        this.#expect(shown.name === name && (shown.kind === 'folder') === (executable === 'folder'));
        this.#expect(!runs || shown.program);
      }
      if (runs || shown?.program === true) this.#count.programs += 1;
    } else if (runs) this.#count.programs += 1;
    if (isHidden(name)) this.#count.hidden += 1;
    this.#expect(this.#count.hidden <= this.offer.hidden && this.#count.programs <= this.offer.programs);
  }

  /** @param {import('./records.mjs').Folder} folder */
  async #newFolder({ path, mtimeUs }) {
    checkPath(path);
    this.#count.folders += 1;
    this.#expect(this.#count.folders <= this.offer.folders);
    this.#isNew(path, 'folder');
    this.done += 1;
    await this.sink.folder(path, mtimeUs);
  }

  /** @param {Uint8Array} bytes */
  async #data(bytes) {
    const open = this.#opened();
    open.offset += bytes.length;
    this.#stream.bytes += bytes.length;
    this.arrived.bytes += bytes.length;
    this.#expect(open.offset <= open.entry.size);
    await this.sink.data(bytes);
  }

  async #end() {
    const { id, entry, offset } = this.#opened();
    this.#expect(offset === entry.size);
    this.#stream.files += 1;
    this.arrived.files += 1;
    await this.sink.end();
    this.#isDone(id);
  }

  /** @param {number} reason */
  async #fail(reason) {
    const { id, entry } = this.#opened();
    await this.sink.drop(id);
    this.#leaveOut(entry.path.join('/'), reason);
    this.#isDone(id);
  }

  /** @param {import('./records.mjs').ContentRecord & { type: 'superseded' | 'missing' }} record */
  async #without(record) {
    const goesOn = this.#mustGoOn ? this.#open : undefined;
    this.#mustGoOn = false;
    this.#expect(goesOn === undefined || isEqual(goesOn.entry.path, record.value.path));
    const id = goesOn?.id ?? this.#judge(record.value);
    if (goesOn !== undefined) this.#count.bytes -= goesOn.entry.size;
    await this.sink.drop(id);
    this.#open = undefined;
    if (record.type === 'superseded') this.done += 1;
    else {
      this.#leaveOut(record.value.path.join('/'), record.value.reason);
      this.#isDone(id);
    }
  }

  /** @param {import('./records.mjs').Body<'finish'>} finish */
  #finish({ files, bytes, skippedCount, grownCount }) {
    const { offer, agreed } = this;
    const stream = this.#stream;
    this.#expect(files === stream.files && bytes === stream.bytes && skippedCount === stream.skippedCount);
    this.#expect((grownCount ?? 0) >= stream.grown && (grownCount ?? 0) <= agreed.files);
    this.#expect(this.#count.files === offer.files && this.#count.folders === offer.folders);
    this.#expect(this.#top === offer.itemCount && this.#owed.size === 0);
    this.isFinished = true;
  }

  /** @param {number} id */
  #isDone(id) {
    this.#owed.delete(id);
    this.#open = undefined;
    this.done += 1;
  }

  /** Forgets the file that is open: its ENTRY comes once more. */
  async #drop() {
    const { id, entry } = this.#opened();
    await this.sink.drop(id);
    this.#count.files -= 1;
    this.#count.bytes -= entry.size;
    this.#open = undefined;
    if (entry.again !== undefined) return;
    const name = entry.path.at(-1) ?? '';
    this.#firsts.delete(id);
    this.#owed.delete(id);
    if (entry.path.length === 1) this.#top -= 1;
    if (isHidden(name)) this.#count.hidden -= 1;
    if (isProgram(name, entry.executable)) this.#count.programs -= 1;
  }

  /**
   * @param {string} path
   * @param {number} reason
   */
  #leaveOut(path, reason) {
    this.#stream.skippedCount += 1;
    this.skipped.push({ path, reason: reasons[reason - 1] ?? 'vanished' });
  }

  #opened() {
    if (this.#open === undefined) throw new Failure('content-mismatch');
    return this.#open;
  }

  /** @param {boolean} holds */
  #expect(holds) {
    if (!holds) throw new Failure('content-mismatch');
  }
}
