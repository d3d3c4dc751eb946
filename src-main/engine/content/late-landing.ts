import { unreachable } from '../../../shared/unreachable.ts';
import type { SkipReason } from '../../../shared/views.ts';
import { skippedFile } from '../files/names.ts';
import type { Grown } from './contract.ts';
import { GrownList } from './grown-list.ts';
import type { ContentRecord, FileStub } from './records.ts';
import type { SkipList } from './skip-list.ts';

/**
 * Takes content that comes when everything had arrived before, and was put under its names, or is about to be: files that changed at
 * the sender after that. They are left out, and said so.
 */
export class LateLanding {
  readonly #skips: SkipList;
  readonly #grown = new GrownList();
  #file: Pick<FileStub, 'path' | 'again'> | null = null;
  #received = 0;

  constructor(skips: SkipList) {
    this.#skips = skips;
  }

  /** Bytes that came. */
  get received(): number {
    return this.#received;
  }

  get grown(): Grown {
    return this.#grown.grown;
  }

  apply(record: ContentRecord): void {
    switch (record.type) {
      case 'entry':
        this.#file = record.entry.kind === 'file' ? record.entry : null;
        return;
      case 'data':
        this.#received += record.bytes.length;
        return;
      case 'end':
      case 'fail':
        if (this.#file !== null) this.#leaveOut(this.#file, 'changed');
        return;
      case 'skip':
        this.#skips.add({ path: record.path, reason: record.reason }, null);
        return;
      case 'missing':
        this.#leaveOut(record.file, record.reason);
        return;
      case 'superseded':
        return;
      case 'grown':
        this.#grown.add(record.path);
        return;
      case 'finish':
        this.#grown.total(record.totals.grownCount ?? 0);
        return;
      default:
        unreachable(record);
    }
  }

  /** What is only counted, and not listed, is counted once more: less than there is must never be said. */
  #leaveOut({ path, again }: Pick<FileStub, 'path' | 'again'>, reason: SkipReason): void {
    if (again === undefined || !this.#skips.lists(again))
      this.#skips.add(skippedFile(path, reason), again ?? null);
  }
}
