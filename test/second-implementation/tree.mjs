import { randomBytes } from '@noble/hashes/utils.js';
import { lstat, open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isHidden, isProgram } from './names.mjs';
import { HEADER_BYTES, toRecord } from './records.mjs';

/** What is sent: a list of files and folders, and the content made of it. docs/protocol.md, sections 5.3 and 8. */

/**
 * @typedef {{ kind: 'folder', path: string[], mtimeUs: number }
 *   | { kind: 'file', path: string[], mtimeUs: number, size: number, executable: boolean, source: string }} Item
 */

/** @param {string[]} sources files and folders */
export async function itemsAt(sources) {
  /** @type {Item[]} */
  const items = [];
  /**
   * @param {string} source
   * @param {string[]} path
   */
  const walk = async (source, path) => {
    const stats = await lstat(source, { bigint: true });
    const mtimeUs = Number((stats.mtimeNs - (((stats.mtimeNs % 1000n) + 1000n) % 1000n)) / 1000n);
    if (stats.isDirectory()) {
      items.push({ kind: 'folder', path, mtimeUs });
      for (const name of await readdir(source)) await walk(join(source, name), [...path, name]);
    } else if (stats.isFile()) {
      const executable = (stats.mode & 0o111n) !== 0n;
      items.push({ kind: 'file', path, mtimeUs, size: Number(stats.size), executable, source });
    }
  };
  for (const source of sources) await walk(source, [basename(source)]);
  return items;
}

export const newTransfer = () => Buffer.from(randomBytes(16)).toString('hex');

/**
 * @param {string} transfer
 * @param {Item[]} items
 * @returns {import('./messages.mjs').Offer}
 */
export function offerOf(transfer, items) {
  const nameOf = (/** @type {Item} */ item) => item.path.at(-1) ?? '';
  const runs = (/** @type {Item} */ item) =>
    isProgram(nameOf(item), item.kind === 'folder' ? 'folder' : item.executable);
  const top = items.filter(({ path }) => path.length === 1);
  const files = items.filter((item) => item.kind === 'file');
  return {
    transfer,
    items: top.slice(0, 16).map((item) => ({ name: nameOf(item), kind: item.kind, program: runs(item) })),
    itemCount: top.length,
    files: files.length,
    folders: items.length - files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    hidden: items.filter((item) => isHidden(nameOf(item))).length,
    programs: items.filter(runs).length,
  };
}

/**
 * The content from a place on, in chunks of at most `room` bytes.
 * @param {Item[]} items
 * @param {import('./seal.mjs').Place} start
 * @param {number} room
 * @returns {AsyncGenerator<{ place: import('./seal.mjs').Place, plaintext: Uint8Array, isFinal: boolean }>}
 */
export async function* contentOf(items, start, room) {
  /** @type {Uint8Array[]} */
  let records = [];
  let length = 0;
  let began = start;
  let place = start;
  const counts = { files: 0, bytes: 0, skippedCount: 0 };
  const flush = (isFinal = false) => {
    const chunk = { place: began, plaintext: new Uint8Array(Buffer.concat(records)), isFinal };
    records = [];
    length = 0;
    began = place;
    return chunk;
  };
  const put = (/** @type {Uint8Array} */ record) => {
    records.push(record);
    length += record.length;
  };
  const hasRoom = (/** @type {number} */ bytes) => length === 0 || length + bytes <= room;

  for (const [index, item] of items.slice(start.entry).entries()) {
    const entry = start.entry + index;
    const offset = index === 0 ? start.offset : 0;
    const { kind, path, mtimeUs } = item;
    const first =
      item.kind === 'folder'
        ? toRecord({ type: 'entry', value: { kind: 'folder', path, mtimeUs } })
        : toRecord({
            type: 'entry',
            value: { kind: 'file', path, size: item.size, mtimeUs, executable: item.executable },
          });
    if (!hasRoom(first.length)) yield flush();
    put(first);
    place = { entry: kind === 'folder' ? entry + 1 : entry, offset };
    if (item.kind === 'folder') continue;
    for await (const bytes of piecesOf(item, offset, () => {
      const left = room - length - HEADER_BYTES;
      return left > 0 ? left : room - HEADER_BYTES;
    })) {
      if (!hasRoom(HEADER_BYTES + bytes.length)) yield flush();
      put(toRecord({ type: 'data', bytes }));
      counts.bytes += bytes.length;
      place = { entry, offset: place.offset + bytes.length };
    }
    if (!hasRoom(HEADER_BYTES)) yield flush();
    put(toRecord({ type: 'end' }));
    counts.files += 1;
    place = { entry: entry + 1, offset: 0 };
  }
  const finish = toRecord({ type: 'finish', value: counts });
  if (!hasRoom(finish.length)) yield flush();
  put(finish);
  yield flush(true);
}

/**
 * @param {Item & { kind: 'file' }} item
 * @param {number} offset
 * @param {() => number} room for the next piece
 */
async function* piecesOf(item, offset, room) {
  if (offset === item.size) return;
  const file = await open(item.source);
  try {
    for (let at = offset; at < item.size;) {
      const piece = new Uint8Array(Math.min(room(), item.size - at));
      const { bytesRead } = await file.read(piece, 0, piece.length, at);
      if (bytesRead === 0) throw new Error(`${item.source} has become shorter`);
      yield piece.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}
