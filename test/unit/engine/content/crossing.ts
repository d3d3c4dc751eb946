import { onTestFinished } from 'vitest';
import type { ReceiveSummary, Revision, ScanSummary } from '../../../../src-main/engine/content/contract.ts';
import { isAsSent } from '../../../../src-main/engine/content/as-sent.ts';
import { openReception } from '../../../../src-main/engine/content/open-reception.ts';
import { ReceivePipeline } from '../../../../src-main/engine/content/receive-pipeline.ts';
import type { Reception } from '../../../../src-main/engine/content/reception.ts';
import { loadCipher } from '../../../../src-main/engine/content/seal.ts';
import type { FilledFrame } from '../../../../src-main/engine/content/send-pipeline.ts';
import { SendPipeline } from '../../../../src-main/engine/content/send-pipeline.ts';
import { SentLog } from '../../../../src-main/engine/content/sent-log.ts';
import { readManifest } from '../../../../src-main/engine/files/manifest.ts';
import { revise } from '../../../../src-main/engine/files/revise.ts';
import { TRANSFER, agreedTo, bodyOf, newFolder, newKey, nextFrame, walk } from './support.ts';
import { offeredOf } from '../../../support/offers.ts';

interface Line {
  readonly sender: SendPipeline;
  readonly receiver: ReceivePipeline;
  readonly reception: Reception;
  readonly log: SentLog;
}

/**
 * One transfer over as many connections as a test likes, both sides in this thread, frame by frame: as the
 * two workers do it.
 */
export class Crossing {
  readonly destination = newFolder();
  readonly journalFolder = newFolder();
  readonly manifestFile: string;
  readonly #summary: ScanSummary;
  readonly sentFile: string;
  /** What was found changed when the transfer went on last. */
  revision: Revision | undefined;
  /** Sealed bytes that crossed, over all connections. */
  crossed = 0;
  #line: Line | undefined;
  #isBegun = false;

  constructor(...paths: readonly string[]) {
    const { manifestFile, summary } = walk(...paths);
    this.manifestFile = manifestFile;
    this.#summary = summary;
    this.sentFile = `${this.manifestFile}.sent`;
    onTestFinished(() => this.cut());
  }

  /** Connects, after another look at the files; `looks`: false where it is the first time, as senders do it then. */
  async connect({ looks = true } = {}): Promise<void> {
    const { destination, journalFolder, manifestFile } = this;
    const log = SentLog.open(this.sentFile);
    const asSent = this.#isBegun ? { isAsSent: (...of: Listed) => isAsSent(...of, log) } : {};
    this.#isBegun = true;
    const grown = new Set<number>();
    const onGrown = (entry: number) => grown.add(entry);
    this.revision = looks
      ? revise(manifestFile, { isCancelled: () => false, onGrown, ...asSent })
      : undefined;
    const { itemCount } = this.#summary;
    const offered = offeredOf({ ...(this.revision ?? this.#summary), itemCount });
    const reception = openReception({
      transfer: TRANSFER,
      agreed: agreedTo(destination),
      journalFolder,
      offered,
    });
    const cipher = await loadCipher();
    const key = newKey();
    const from = reception.parser.cursor;
    const entries = readManifest(manifestFile);
    let sender: SendPipeline;
    try {
      sender = new SendPipeline({ cipher, key, transfer: TRANSFER, entries, from, sent: log, grown });
    } catch (error) {
      log.close();
      await reception.suspend();
      throw error;
    }
    const { header } = sender;
    const receiver = new ReceivePipeline({ cipher, key, header, transfer: TRANSFER, reception });
    this.#line = { sender, receiver, reception, log };
  }

  /** Passes frames on, one after another; fewer where the content ends before. Gives the last one. */
  async pass(frames = Infinity): Promise<FilledFrame | undefined> {
    const { sender, receiver } = this.#connected;
    let last: FilledFrame | undefined;
    for (let n = 0; n < frames && last?.final !== true; n += 1) {
      last = nextFrame(sender);
      this.crossed += last.bytes.length;
      await receiver.write(bodyOf(last));
    }
    return last;
  }

  /** Sends frames that never come to the other side: the line is dead, and nobody has noticed. */
  lose(frames: number): void {
    const { sender } = this.#connected;
    for (let n = 0; n < frames; n += 1) if (nextFrame(sender).final) return;
  }

  /** The line is cut; what came is kept. */
  async cut(): Promise<void> {
    const line = this.#line;
    this.#line = undefined;
    line?.sender.close();
    line?.log.close();
    await line?.reception.suspend();
  }

  /** Passes the rest on, and publishes. */
  async finish(): Promise<ReceiveSummary> {
    await this.pass();
    return this.publish();
  }

  /** Publishes what came, which is all. */
  publish(): Promise<ReceiveSummary> {
    return this.#connected.receiver.publish();
  }

  get #connected(): Line {
    if (this.#line === undefined) throw new Error('not connected');
    return this.#line;
  }
}

type Listed =
  Parameters<typeof isAsSent> extends [infer File, infer Entry, ...unknown[]] ? [File, Entry] : never;
