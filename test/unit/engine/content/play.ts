import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type {
  ContentProgress,
  Cursor,
  ReceiveSummary,
} from '../../../../src-main/engine/content/contract.ts';
import { openReception } from '../../../../src-main/engine/content/open-reception.ts';
import type { Offered } from '../../../../src-main/engine/content/contract.ts';
import type { Reception } from '../../../../src-main/engine/content/reception.ts';
import type { ContentRecord } from '../../../../src-main/engine/content/records.ts';
import type { Disk } from '../../../../src-main/engine/files/disk.ts';
import { refusingNames } from '../../../support/refusing-disk.ts';
import { PLENTY, TRANSFER, agreedTo, newFolder } from './support.ts';

/** One transfer, received in this thread record by record, over as many connections as a test likes. */
export class Stage {
  readonly destination: string;
  readonly journalFolder = newFolder();
  /** On which nothing can be called `NUL`, whatever stands behind. */
  disk: Disk = refusingNames(/^NUL/);
  offered: Offered = PLENTY;
  /** Of the offer that was said yes to. */
  digit = '0';
  /** How often the user has given it another folder. */
  moves = 0;
  #current: Reception | undefined;

  constructor(destination = newFolder()) {
    this.destination = destination;
    onTestFinished(async () => this.#current?.discard());
  }

  /** Where the staging folder is; fails the test when there is none. */
  get stagingFolder(): string {
    const name = readdirSync(this.destination).find((each) => each.startsWith('.sealane-'));
    if (name === undefined) throw new Error('no staging folder');
    return join(this.destination, name);
  }

  /** A path in the tree. */
  tree(...names: readonly string[]): string {
    return join(this.stagingFolder, 'tree', ...names);
  }

  get hasStaging(): boolean {
    return existsSync(this.destination) && readdirSync(this.destination).some((name) => name.startsWith('.'));
  }

  get reception(): Reception {
    if (this.#current === undefined) throw new Error('not connected');
    return this.#current;
  }

  /** Prepares; gives where it goes on. */
  connect(destination = this.destination): Cursor {
    const { journalFolder, disk, offered } = this;
    const agreed = agreedTo(destination, this.digit, this.moves);
    this.#current = openReception({ transfer: TRANSFER, agreed, journalFolder, offered, disk });
    return this.reception.parser.cursor;
  }

  /** Applies records as the pipeline does. */
  async play(...records: readonly (ContentRecord | readonly ContentRecord[])[]): Promise<void> {
    try {
      for (const record of records.flat()) {
        await this.reception.room();
        this.reception.parser.accept(record);
        this.reception.apply(record);
      }
    } catch (error) {
      this.reception.halt();
      throw error;
    }
  }

  get progress(): ContentProgress {
    return this.reception.progress;
  }

  /** The line is cut: everything so far is kept. Gives where it would go on. */
  async cut(): Promise<void> {
    await this.#current?.suspend();
    this.#current = undefined;
  }

  /** As `cut`, then connects again. */
  async reconnect(): Promise<Cursor> {
    await this.cut();
    return this.connect();
  }

  /**
   * As a SIGKILL: what is written after the last checkpoint stays on disk and counts for nothing. Wait for one with `settled`
   * before.
   */
  async kill(): Promise<void> {
    this.reception.halt();
    await this.cut();
  }

  async publish(): Promise<ReceiveSummary> {
    return this.reception.publish();
  }

  async discard(): Promise<void> {
    await this.#current?.discard();
    this.#current = undefined;
  }
}

/** A whole file as one entry; what it says is its content. */
export function file(path: string, content: string | Uint8Array, again?: number): ContentRecord[] {
  const bytes = Buffer.from(content);
  const data: ContentRecord[] = bytes.length === 0 ? [] : [{ type: 'data', bytes }];
  return [entry(path, bytes.length, again), ...data, { type: 'end' }];
}

/** The beginning of a file. */
export function entry(path: string, size: number, again?: number): ContentRecord {
  const more = again === undefined ? {} : { again };
  return {
    type: 'entry',
    entry: {
      kind: 'file',
      path: path.split('/'),
      size,
      mtimeUs: 1_700_000_000_000_000,
      executable: false,
      ...more,
    },
  };
}

export function folder(path: string): ContentRecord {
  return { type: 'entry', entry: { kind: 'folder', path: path.split('/'), mtimeUs: 1_600_000_000_000_000 } };
}

export function data(content: string | Uint8Array): ContentRecord {
  return { type: 'data', bytes: Buffer.from(content) };
}

export const END: ContentRecord = { type: 'end' };

/** A file whose content comes later. */
export function superseded(path: string, again?: number): ContentRecord {
  const more = again === undefined ? {} : { again };
  return { type: 'superseded', file: { path: path.split('/'), executable: false, ...more } };
}

/** A file of the offer that is gone. */
export function missing(path: string, again?: number): ContentRecord {
  const more = again === undefined ? {} : { again };
  return {
    type: 'missing',
    file: { path: path.split('/'), executable: false, ...more },
    reason: 'vanished',
  };
}

export const FAIL: ContentRecord = { type: 'fail', reason: 'changed' };

export function skip(path: string): ContentRecord {
  return { type: 'skip', path, reason: 'vanished' };
}

/** What the records of one connection came to, said at its end. */
export function finish(of: Reception): ContentRecord {
  return { type: 'finish', totals: of.parser.totals };
}
