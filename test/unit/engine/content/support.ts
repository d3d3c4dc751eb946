import { createHash, randomBytes } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { FRAME_HEADER_BYTES } from '../../../../shared/limits.ts';
import { FRAME_TYPES } from '../../../../shared/frame-types.ts';
import { offerDigestSchema, transferIdSchema } from '../../../../shared/views.ts';
import { ChunkWriter } from '../../../../src-main/engine/content/chunk-writer.ts';
import type {
  ContentReceiver,
  Cursor,
  ReceiveSummary,
  ScanSummary,
} from '../../../../src-main/engine/content/contract.ts';
import { openReception } from '../../../../src-main/engine/content/open-reception.ts';
import type { Offered } from '../../../../src-main/engine/content/contract.ts';
import type { Agreement } from '../../../../src-main/engine/content/journal-state.ts';
import { ReceivePipeline } from '../../../../src-main/engine/content/receive-pipeline.ts';
import type { Reception } from '../../../../src-main/engine/content/reception.ts';
import { chunkAssociatedData, loadCipher, sealedLength } from '../../../../src-main/engine/content/seal.ts';
import type { Sealer } from '../../../../src-main/engine/content/seal.ts';
import { SentLog } from '../../../../src-main/engine/content/sent-log.ts';
import { FRAME_BUFFER_BYTES, SendPipeline } from '../../../../src-main/engine/content/send-pipeline.ts';
import type { FilledFrame } from '../../../../src-main/engine/content/send-pipeline.ts';
import { createContentReceiver } from '../../../../src-main/engine/content/receiver-handle.ts';
import { ManifestWriter, readManifest } from '../../../../src-main/engine/files/manifest.ts';
import { microseconds } from '../../../../src-main/engine/files/mtime.ts';
import { scan } from '../../../../src-main/engine/files/scan.ts';
import { offeredOf } from '../../../support/offers.ts';

export const TRANSFER = transferIdSchema.parse('00112233445566778899aabbccddeeff');
export const OTHER_TRANSFER = transferIdSchema.parse('ff112233445566778899aabbccddeeff');
export const START: Cursor = { entry: 0, offset: 0 };
export const PLENTY: Offered = offeredOf({
  itemCount: 10,
  files: 100,
  folders: 100,
  bytes: 64 * 1024 * 1024,
});

/** A new folder that goes when the test ends. */
export function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sealane-content-')));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Writes a file and the folders above it; gives its path. */
export function write(folder: string, name: string, content: string | Uint8Array, mode = 0o644): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode });
  return path;
}

/** Everything below `folder`, links not followed: what it is, what is in it, its time, whether it can be run. */
export function picture(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const look = (below: string): void => {
    for (const name of readdirSync(join(folder, below)).sort()) {
      const path = join(below, name);
      const stats = lstatSync(join(folder, path), { bigint: true });
      const time = String(microseconds(stats.mtimeNs));
      if (stats.isDirectory()) {
        found[path] = `folder ${time}`;
        look(path);
      } else if (stats.isFile()) {
        const hash = createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex');
        found[path] = `file ${String(stats.size)} ${hash} ${time} ${(stats.mode & 0o100n) === 0n ? '' : 'x'}`;
      } else found[path] = 'something else';
    }
  };
  look('');
  return found;
}

export interface Walked {
  readonly manifestFile: string;
  readonly summary: ScanSummary;
}

/** Walks as the sending worker does. */
export function walk(...paths: readonly string[]): Walked {
  const manifestFile = join(newFolder(), 'manifest');
  const manifest = new ManifestWriter(manifestFile);
  const summary = scan(paths, manifest, { onProgress: () => undefined, isCancelled: () => false });
  manifest.close();
  return { manifestFile, summary };
}

export function newKey(): Uint8Array {
  return new Uint8Array(randomBytes(32));
}

export type CipherName = 'native' | 'wasm';

export async function sendPipeline(
  manifestFile: string,
  key: Uint8Array,
  options: { readonly cipher?: CipherName; readonly from?: Cursor } = {},
): Promise<SendPipeline> {
  const cipher = await loadCipher(options.cipher);
  const entries = readManifest(manifestFile);
  const sent = SentLog.open(join(newFolder(), 'sent'));
  const pipeline = new SendPipeline({
    cipher,
    key,
    transfer: TRANSFER,
    entries,
    from: options.from ?? START,
    sent,
  });
  onTestFinished(() => {
    pipeline.close();
    sent.close();
  });
  return pipeline;
}

/** The next frame, in memory of its own. */
export function nextFrame(pipeline: SendPipeline): FilledFrame {
  return pipeline.next(new ArrayBuffer(FRAME_BUFFER_BYTES));
}

/** All frames from here to the final one. */
export function restOfFrames(pipeline: SendPipeline): FilledFrame[] {
  const frames = [nextFrame(pipeline)];
  while (frames.at(-1)?.final !== true) frames.push(nextFrame(pipeline));
  return frames;
}

/** The sealed chunk in a frame, whose header is checked. */
export function bodyOf(
  frame: FilledFrame | { readonly bytes: Uint8Array<ArrayBuffer> },
): Uint8Array<ArrayBuffer> {
  const { bytes } = frame;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint32(0) !== bytes.length - FRAME_HEADER_BYTES) throw new Error('a frame of wrong length');
  if (view.getUint8(4) !== FRAME_TYPES.chunk) throw new Error('a frame of wrong type');
  return bytes.slice(FRAME_HEADER_BYTES);
}

/** A yes to some offer, into `destination`; `digit` tells one offer from another. */
export function agreedTo(destination: string, digit = '0', moves = 0): Agreement {
  return { destination, offer: offerDigestSchema.parse(digit.repeat(64)), moves };
}

/** What receives into `destination`, in this thread; it is discarded when the test ends. */
export function receptionIn(
  destination: string,
  offered: Offered = PLENTY,
  journalFolder = newFolder(),
): Reception {
  const reception = openReception({
    transfer: TRANSFER,
    agreed: agreedTo(destination),
    journalFolder,
    offered,
  });
  onTestFinished(() => reception.discard());
  return reception;
}

/** Opens frames in this thread and publishes them. */
export async function receiveFrames(options: {
  readonly frames: readonly FilledFrame[];
  readonly key: Uint8Array;
  readonly header: Uint8Array;
  readonly destination: string;
  readonly offered: Offered;
  readonly cipher?: CipherName;
}): Promise<ReceiveSummary> {
  const { frames, key, header, destination, offered } = options;
  const cipher = await loadCipher(options.cipher);
  const reception = receptionIn(destination, offered);
  const pipeline = new ReceivePipeline({ cipher, key, header, transfer: TRANSFER, reception });
  for (const frame of frames) await pipeline.write(bodyOf(frame));
  return pipeline.publish();
}

/** A peer that seals whatever it likes, correctly. */
export class HostileSender {
  readonly key = newKey();
  readonly #sealer: Sealer;

  private constructor(make: (key: Uint8Array) => Sealer) {
    this.#sealer = make(this.key);
  }

  static async create(): Promise<HostileSender> {
    const cipher = await loadCipher();
    return new HostileSender((key) => cipher.sealer(key));
  }

  get header(): Uint8Array {
    return this.#sealer.header;
  }

  /** Seals what `fill` writes as one chunk that begins at `at`. */
  chunk(fill: (chunk: ChunkWriter) => void, final: boolean, at: Cursor = START): Uint8Array<ArrayBuffer> {
    const chunk = new ChunkWriter(1024 * 1024);
    fill(chunk);
    return this.raw(chunk.plaintext, final, at);
  }

  raw(plaintext: Uint8Array, final: boolean, at: Cursor = START): Uint8Array<ArrayBuffer> {
    const sealed = new Uint8Array(sealedLength(plaintext.length));
    this.#sealer.seal(plaintext, sealed, chunkAssociatedData(TRANSFER, at.entry, at.offset), final);
    return sealed;
  }
}

/** A real receiving worker that waits for its first chunk; it is discarded when the test ends. */
export async function receiverFor(
  options: {
    readonly key: Uint8Array;
    readonly header: Uint8Array;
    readonly offered?: Offered;
    readonly url?: URL;
    readonly journalFolder?: string;
  },
  destination: string,
): Promise<ContentReceiver> {
  const receiver = createContentReceiver(options.url);
  onTestFinished(() => receiver.discard());
  const { offered = PLENTY, journalFolder = newFolder() } = options;
  await receiver.prepare({ transfer: TRANSFER, agreed: agreedTo(destination), journalFolder, offered });
  await receiver.begin({ key: Uint8Array.from(options.key), header: options.header });
  return receiver;
}

const mark = (path: string) => ({ path, dev: 1n, ino: 2n ** 60n + 1n });

/** The first record of a journal whose staging folder is nowhere. */
export const JOURNAL_HEADER = {
  transfer: TRANSFER,
  agreed: agreedTo('/home/somebody'),
  offered: { files: 3, folders: 1, bytes: 1000 },
  place: {
    into: '/home/somebody',
    destination: mark('/home/somebody'),
    made: [],
    folder: mark('/home/somebody/.sealane-00'),
    token: '0'.repeat(32),
  },
};
