import { dirname } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { SealaneError } from '../../../shared/errors.ts';
import { unreachable } from '../../../shared/unreachable.ts';
import { nodeDisk } from '../files/disk.ts';
import { ListSpace } from '../files/list-space.ts';
import { ManifestWriter, readManifest, surveyOfNew } from '../files/manifest.ts';
import type { Survey } from '../files/manifest.ts';
import { revise } from '../files/revise.ts';
import { scan } from '../files/scan.ts';
import { SpaceClaim } from '../files/space-ledger.ts';
import { isAsSent } from './as-sent.ts';
import type { Revision, ScanSummary } from './contract.ts';
import { toPortError } from './port-messages.ts';
import type { SendEvent, SendNotice, SendReply, SendRequest, StopFlag } from './port-messages.ts';
import { loadCipher } from './seal.ts';
import type { Cipher } from './seal.ts';
import { FRAME_BUFFER_BYTES, SendPipeline } from './send-pipeline.ts';
import { SentLog } from './sent-log.ts';
import { WorkerPort } from './worker-port.ts';
import type { Answer, Service } from './worker-port.ts';

/** How far the worker reads ahead of the socket: what is not yet sent is in no more than these. */
const FRAME_BUFFERS = 6;

type ScanCall = Extract<SendRequest, { kind: 'scan' }>;
type ReviseCall = Extract<SendRequest, { kind: 'revise' }>;
type BeginCall = Extract<SendRequest, { kind: 'begin' }>;

/** What the sending worker does: walks, and then seals as far ahead as it has memory to seal into. */
export class SendService implements Service<SendRequest, SendNotice, SendReply> {
  readonly #port: WorkerPort<SendRequest, SendNotice, SendReply, SendEvent>;
  #cipher: Promise<Cipher> | undefined;
  #pipeline: SendPipeline | undefined;
  #hasBegun = false;
  /** A manifest that was written here need not be looked through. */
  #written: { readonly file: string; readonly survey: Survey } | undefined;
  /** What was sent of the files of one manifest. */
  #sent: { readonly manifestFile: string; readonly log: SentLog } | undefined;
  /** The numbers of entries whose files were sent before and have grown since. */
  #grown: ReadonlySet<number> = new Set();
  #free: ArrayBuffer[] = [];
  #made = 0;
  #isScheduled = false;

  /** Serves at `port` until the thread is ended. */
  constructor(port: MessagePort) {
    this.#port = new WorkerPort(port);
    this.#port.serve(this);
  }

  async request(request: SendRequest): Promise<Answer<SendReply>> {
    switch (request.kind) {
      case 'scan':
        this.#loadSoon();
        return { reply: { kind: 'scanned', summary: this.#scan(request) } };
      case 'revise':
        this.#loadSoon();
        this.#written = undefined;
        return { reply: { kind: 'revised', revision: this.#revise(request) } };
      case 'begin':
        return { reply: await this.#begin(request) };
      default:
        return unreachable(request);
    }
  }

  notice(notice: SendNotice): void {
    if (this.#pipeline === undefined) return;
    this.#free.push(notice.buffer);
    this.#schedule();
  }

  #scan({ paths, manifestFile, profile, stop }: ScanCall): ScanSummary {
    SentLog.remove(sentFile(manifestFile));
    const manifest = new ManifestWriter(manifestFile);
    try {
      const summary = scan(paths, manifest, {
        onProgress: (progress) => {
          this.#port.event({ kind: 'scanning', progress });
        },
        isCancelled: () => isStopped(stop),
        profile,
      });
      this.#written = { file: manifestFile, survey: surveyOfNew(manifest.close()) };
      return summary;
    } finally {
      manifest.abort();
    }
  }

  #revise({ manifestFile, lookedFor, rewritten, stop }: ReviseCall): Revision {
    const isCancelled = (): boolean => isStopped(stop);
    const grown = new Set<number>();
    this.#grown = grown;
    return revise(manifestFile, {
      isCancelled,
      onGrown: (entry) => grown.add(entry),
      ...(lookedFor === undefined ? {} : { lookedFor }),
      ...(rewritten === null ? {} : { rewritten }),
      isAsSent: (file, entry) =>
        isAsSent(file, entry, this.#sentLog(manifestFile), () => {
          if (isCancelled()) throw new SealaneError('cancelled');
        }),
    });
  }

  #sentLog(manifestFile: string): SentLog {
    if (this.#sent?.manifestFile !== manifestFile) {
      this.#sent?.log.close();
      // This device's own settings are on that disk, too, and how much is noted here lies with the receiver.
      const space = new ListSpace(dirname(manifestFile), nodeDisk, SpaceClaim.alone());
      this.#sent = { manifestFile, log: SentLog.open(sentFile(manifestFile), space) };
    }
    return this.#sent.log;
  }

  /** When what is asked for now is answered, and the receiver is being asked. */
  #loadSoon(): void {
    setImmediate(() => {
      // Whoever needs it is told.
      this.#loadCipher().catch(() => undefined);
    });
  }

  #loadCipher(): Promise<Cipher> {
    this.#cipher ??= loadCipher();
    return this.#cipher;
  }

  async #begin({ manifestFile, transfer, key, from, mayTryAgain }: BeginCall): Promise<SendReply> {
    try {
      if (this.#hasBegun) throw new SealaneError('internal', { detail: 'begun twice' });
      this.#hasBegun = true;
      const cipher = await this.#loadCipher();
      const survey = this.#written?.file === manifestFile ? this.#written.survey : undefined;
      const entries = readManifest(manifestFile, survey);
      const sent = this.#sentLog(manifestFile);
      const grown = this.#grown;
      const what = { transfer, entries, from, sent, grown, mayTryAgain };
      this.#pipeline = new SendPipeline({ cipher, key, ...what });
      this.#schedule();
      const { header, progress } = this.#pipeline;
      return { kind: 'begun', begun: { header, progress }, cipher: cipher.kind };
    } finally {
      key.fill(0);
    }
  }

  /** One frame per turn of the event loop, so that buffers that come back are seen in between. */
  #schedule(): void {
    if (this.#isScheduled || this.#pipeline === undefined) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#sealNext();
    });
  }

  #sealNext(): void {
    const pipeline = this.#pipeline;
    const buffer = pipeline === undefined ? undefined : this.#buffer();
    if (pipeline === undefined || buffer === undefined) return;
    try {
      const frame = pipeline.next(buffer);
      this.#port.event({ kind: 'frame', ...frame }, [buffer]);
      if (frame.final || frame.rewritten !== null) this.#end();
      else this.#schedule();
    } catch (thrown) {
      this.#end();
      this.#port.event({ kind: 'broken', error: toPortError(thrown) });
    }
  }

  /** One that came back, or a new one while there are not too many: a small transfer takes little memory. */
  #buffer(): ArrayBuffer | undefined {
    const free = this.#free.pop();
    if (free !== undefined || this.#made === FRAME_BUFFERS) return free;
    this.#made += 1;
    return new ArrayBuffer(FRAME_BUFFER_BYTES);
  }

  #end(): void {
    this.#pipeline?.close();
    this.#pipeline = undefined;
    this.#free = [];
  }
}

/** Beside a manifest: what was sent of it. */
function sentFile(manifestFile: string): string {
  return `${manifestFile}.sent`;
}

function isStopped(stop: StopFlag): boolean {
  return Atomics.load(stop, 0) !== 0;
}
