import { SealaneError } from '../../../shared/errors.ts';
import { windowBytes } from './window.ts';

/** What was done since the last checkpoint. */
export interface Pending {
  /** Bytes of content. */
  readonly bytes: number;
  /** Files and folders that are to be synced. */
  readonly files: number;
  /** Entries that came to their end. */
  readonly entries: number;
}

/** From here on a checkpoint is worth its syncs. */
const WORTHWHILE: Omit<Pending, 'bytes'> = { files: 64, entries: 4096 };

/**
 * What may be ahead of a checkpoint that is under way: all of it crosses the line twice when this process is killed. And what is open
 * at once, so that no limit of the system is met.
 */
const TOO_MUCH: Omit<Pending, 'bytes'> = { files: 128, entries: 16_384 };

/** Of the bytes that the sender sends before it waits for them to be safe, so that it rarely has to wait. */
const WORTHWHILE_SHARE = 1 / 4;

/** Whatever is pending is worth it after this. */
const QUIET_MS = 200;

/**
 * Says when the journal is to be brought up to date: again and again, one checkpoint after another, while content goes on being
 * written; nothing waits for a disk unless it lags far behind.
 */
export class Checkpoints {
  readonly #take: () => Promise<void>;
  readonly #pending: () => Pending;
  readonly #worthwhile: Pending;
  readonly #tooMuch: Pending;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isOver = false;

  /**
   * `take` writes a checkpoint of how things stand at the moment it is called, which is never while they are being changed; `pending`
   * says what has changed since it was called last. What `take` rejects with is thrown by everything after. `totalBytes`: of all that is
   * to come.
   */
  constructor(take: () => Promise<void>, pending: () => Pending, totalBytes = 0) {
    this.#take = take;
    this.#pending = pending;
    const bytes = windowBytes(totalBytes);
    this.#worthwhile = { ...WORTHWHILE, bytes: bytes * WORTHWHILE_SHARE };
    this.#tooMuch = { ...TOO_MUCH, bytes };
  }

  /** Something has changed. Whether more may be changed at once, or `room` must be awaited. */
  poke(): boolean {
    if (this.#failure !== undefined) return false;
    if (this.#running === undefined) {
      if (isBeyond(this.#pending(), this.#worthwhile)) this.#start();
      else this.#startLater();
    }
    return !isBeyond(this.#pending(), this.#tooMuch);
  }

  /** Resolves once more may be changed. */
  async room(): Promise<void> {
    while (!this.poke()) {
      this.#check();
      await this.#running;
    }
  }

  /** Resolves once there is a checkpoint of how things stand, and nothing is under way. */
  async settle(): Promise<void> {
    for (;;) {
      await this.#running;
      this.#check();
      if (!isAnything(this.#pending())) return;
      this.#start();
    }
  }

  /** From this moment on no further checkpoint is begun; resolves once none is under way. Idempotent. Never rejects. */
  async end(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#isOver) throw new SealaneError('cancelled', { detail: 'no more checkpoints' });
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isOver || this.#running !== undefined) return;
    this.#running = this.#run();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    try {
      await this.#take();
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#running = undefined;
    this.poke();
  }

  #startLater(): void {
    if (this.#timer !== undefined || this.#isOver || !isAnything(this.#pending())) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#start();
    }, QUIET_MS).unref();
  }
}

function isBeyond(pending: Pending, limit: Pending): boolean {
  return pending.bytes >= limit.bytes || pending.files >= limit.files || pending.entries >= limit.entries;
}

function isAnything({ bytes, files, entries }: Pending): boolean {
  return bytes > 0 || files > 0 || entries > 0;
}
