import { hexToBytes, randomBytes } from '@noble/hashes/utils.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Content } from './content.mjs';
import { MemorySink } from './memory-sink.mjs';
import { recordsIn, toRecord } from './records.mjs';
import { FINAL, MESSAGE, Sealer, associatedData, newHeader } from './seal.mjs';
import { newTransfer } from './tree.mjs';

/** Makes test/vectors/content.json anew, by hand, when the protocol changes. Both implementations read it. */

/** @typedef {import('./records.mjs').ContentRecord} ContentRecord */
/** @typedef {{ records: ContentRecord[], plaintext?: string, place?: import('./seal.mjs').Place, isFinal?: boolean }} Chunk */

const hex = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString('hex');
const ascii = (/** @type {string} */ text) => new Uint8Array(Buffer.from(text));

const folder = (/** @type {string[]} */ path, mtimeUs = 0) =>
  /** @type {const} */ ({ type: 'entry', value: { kind: 'folder', path, mtimeUs } });
/**
 * @param {string[]} path
 * @param {number} size
 * @param {Partial<import('./records.mjs').File>} [more]
 */
const file = (path, size, more = {}) =>
  /** @type {const} */ ({
    type: 'entry',
    value: { kind: 'file', path, size, mtimeUs: 1_700_000_000_123_456, executable: false, ...more },
  });
const data = (/** @type {string} */ text) => /** @type {const} */ ({ type: 'data', bytes: ascii(text) });
const end = /** @type {const} */ ({ type: 'end' });
const finish = (/** @type {number} */ files, /** @type {number} */ bytes, skippedCount = 0, grown = 0) =>
  /** @type {const} */ ({
    type: 'finish',
    value: { files, bytes, skippedCount, ...(grown === 0 ? {} : { grownCount: grown }) },
  });

/** @param {Partial<import('./messages.mjs').Offer>} of */
const offer = (of) => ({
  transfer: newTransfer(),
  items: [{ name: 'Holiday', kind: /** @type {const} */ ('folder'), program: false }],
  itemCount: 1,
  files: 0,
  folders: 1,
  bytes: 0,
  hidden: 0,
  programs: 0,
  ...of,
});

/**
 * @param {string} transfer
 * @param {Content} content
 * @param {Chunk[]} chunks
 * @param {boolean} isTaken whether the last one passes
 */
async function connection(transfer, content, chunks, isTaken = true) {
  const [key, header, from] = [randomBytes(32), newHeader(), content.place];
  const sealer = new Sealer(key, header);
  const sealed = [];
  for (const [
    index,
    { records, plaintext: raw, place = content.place, isFinal = false },
  ] of chunks.entries()) {
    const plaintext =
      raw === undefined ? new Uint8Array(Buffer.concat(records.map(toRecord))) : hexToBytes(raw);
    const chunk = sealer.seal(plaintext, associatedData(transfer, place), isFinal ? FINAL : MESSAGE);
    sealed.push({ ...content.place, plaintext: hex(plaintext), final: isFinal, sealed: hex(chunk) });
    if (isTaken || index < chunks.length - 1) await content.take(recordsIn(plaintext), isFinal);
  }
  return { key: hex(key), header: hex(header), from, chunks: sealed };
}

/**
 * @param {string} what
 * @param {import('./messages.mjs').Offer} offered
 * @param {...Chunk[]} connections
 */
async function accepted(what, offered, ...connections) {
  const sink = new MemorySink();
  const content = new Content(offered, sink);
  const made = [];
  for (const chunks of connections) {
    await content.begin(offered);
    made.push(await connection(offered.transfer, content, chunks));
  }
  if (!content.isFinished) throw new Error(`${what} has no end`);
  const { skipped, done } = content;
  return { what, offer: offered, connections: made, entries: done, ...sink.result, skipped };
}

/**
 * Every chunk passes but the last one.
 * @param {string} what
 * @param {string} error
 * @param {Chunk[]} chunks
 * @param {(chunks: { sealed: string }[]) => void} [meddle]
 */
async function refused(what, error, chunks, meddle = () => undefined) {
  const offered = offer({ files: 1, bytes: 6 });
  const content = new Content(offered, new MemorySink());
  const made = await connection(offered.transfer, content, chunks, false);
  meddle(made.chunks);
  return { what, error, offer: offered, connections: [made] };
}

const path = ['Holiday', 'a.txt'];
const begin = { records: [folder(['Holiday']), file(path, 6), data('abc')] };
const rest = { records: [data('def'), end, finish(1, 6)], isFinal: true };
const alone = (/** @type {ContentRecord[]} */ ...records) => [{ records: [folder(['Holiday']), ...records] }];
const raw = (/** @type {string} */ plaintext) => [{ records: [], plaintext }];

const vectors = {
  accepted: [
    await accepted('an empty folder', offer({}), [
      { records: [folder(['Holiday'], -1), finish(0, 0)], isFinal: true },
    ]),
    await accepted(
      'nested folders, an empty file, a hidden one, a program, and one file over three chunks',
      offer({
        items: [
          { name: 'Holiday', kind: 'folder', program: false },
          { name: 'run', kind: 'file', program: true },
        ],
        itemCount: 2,
        files: 4,
        folders: 3,
        bytes: 14,
        hidden: 1,
        programs: 1,
      }),
      [
        {
          records: [folder(['Holiday']), folder(['Holiday', 'été']), file(['Holiday', 'été', '日本.txt'], 9)],
        },
        { records: [data('abc')] },
        { records: [data('d'), data('ef')] },
        { records: [data('ghi'), end, folder(['Holiday', 'empty']), file(['Holiday', '.env'], 0), end] },
        {
          records: [
            file(['Holiday', 'x'], 1, { mtimeUs: -1 }),
            data('x'),
            end,
            file(['run'], 4, { executable: true }),
            data('#!/x'),
            end,
            finish(4, 14),
          ],
          isFinal: true,
        },
      ],
    ),
    await accepted(
      'cut within a file, gone on with there, cut before its end, and gone on with once more',
      offer({ files: 1, bytes: 6 }),
      [begin],
      [{ records: [file(path, 6), data('def')] }],
      [{ records: [file(path, 6), end, finish(1, 0)], isFinal: true }],
    ),
    await accepted(
      'begun anew within a file',
      offer({ files: 1, bytes: 6 }),
      [begin],
      [
        {
          records: [file(path, 4, { anew: true, mtimeUs: 7 }), data('WXYZ'), end, finish(1, 4)],
          isFinal: true,
        },
      ],
    ),
    await accepted('left out, failed, missing, superseded and grown', offer({ files: 5, bytes: 12 }), [
      {
        records: [
          folder(['Holiday']),
          { type: 'skip', value: { path: 'Holiday/link', reason: 4 } },
          file(['Holiday', 'bad'], 3),
          data('x'),
          { type: 'fail', reason: 3 },
          { type: 'missing', value: { path: ['Holiday', 'gone'], executable: false, reason: 1 } },
          { type: 'superseded', value: { path, executable: false } },
          file(['Holiday', 'log'], 3),
          data('log'),
          end,
          file(path, 6, { again: 4 }),
        ],
      },
      {
        records: [
          data('newest'),
          end,
          { type: 'grown', value: { path: 'Holiday/log' } },
          finish(2, 10, 3, 1),
        ],
        isFinal: true,
      },
    ]),
  ],
  refused: [
    await refused('a byte changed', 'chunk-forged', [begin, rest], ([, last]) => {
      if (last !== undefined)
        last.sealed = `${last.sealed.startsWith('0') ? '1' : '0'}${last.sealed.slice(1)}`;
    }),
    await refused('the first chunk once more', 'chunk-forged', [begin, rest], ([first, last]) => {
      if (first !== undefined && last !== undefined) last.sealed = first.sealed;
    }),
    await refused('shortened', 'chunk-forged', [begin, rest], ([, last]) => {
      if (last !== undefined) last.sealed = last.sealed.slice(0, 32);
    }),
    await refused('sealed for another place', 'chunk-forged', [
      begin,
      { ...rest, place: { entry: 1, offset: 4 } },
    ]),
    await refused('FINAL without FINISH', 'content-mismatch', [
      begin,
      { records: [data('def'), end], isFinal: true },
    ]),
    await refused('FINISH without FINAL', 'content-mismatch', [begin, { ...rest, isFinal: false }]),
    await refused('a record after FINISH', 'content-mismatch', [
      begin,
      { records: [data('def'), end, finish(1, 6), end], isFinal: true },
    ]),
    await refused('DATA beyond the size', 'content-mismatch', [begin, { records: [data('defg')] }]),
    await refused('END before the size', 'content-mismatch', [begin, { records: [data('de'), end] }]),
    await refused('wrong counts in FINISH', 'content-mismatch', [
      begin,
      { records: [data('def'), end, finish(1, 5)], isFinal: true },
    ]),
    await refused('a folder within a file', 'content-mismatch', [
      begin,
      { records: [folder(['Holiday', 'b'])] },
    ]),
    await refused('anew where nothing goes on', 'content-mismatch', alone(file(path, 6, { anew: true }))),
    await refused('more bytes than offered', 'content-mismatch', alone(file(path, 7))),
    await refused('more files than offered', 'content-mismatch', [
      begin,
      { records: [data('def'), end, file(['Holiday', 'b'], 0)] },
    ]),
    await refused(
      'a hidden name that was not counted',
      'content-mismatch',
      alone(file(['Holiday', '.a'], 0)),
    ),
    await refused('a program that was not counted', 'content-mismatch', alone(file(['Holiday', 'a.exe'], 0))),
    await refused('a way out', 'name-refused', alone(file(['Holiday', '..'], 0))),
    await refused('no record', 'content-mismatch', raw('')),
    await refused('a record cut off', 'content-mismatch', raw('0100000024a3')),
    await refused('a record of unknown type', 'content-mismatch', raw('0a00000000')),
    await refused(
      'keys out of order',
      'content-mismatch',
      raw('0500000018a266726561736f6e01647061746869486f6c696461792f62'),
    ),
    await refused(
      'a length that is not the shortest',
      'content-mismatch',
      raw('0900000009a16470617468780161'),
    ),
    await refused(
      'a float',
      'content-mismatch',
      raw('050000001aa2647061746869486f6c696461792f6266726561736f6ef93c00'),
    ),
    await refused('an empty DATA', 'content-mismatch', [begin, { records: [], plaintext: '0200000000' }]),
    await refused('a reason that is none', 'content-mismatch', [
      begin,
      { records: [], plaintext: '04000000010e' },
    ]),
  ],
};

await writeFile(
  join(import.meta.dirname, '../vectors/content.json'),
  `${JSON.stringify(vectors, undefined, 2)}\n`,
);
