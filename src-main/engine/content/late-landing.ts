import { unreachable } from '../../../shared/unreachable.ts';
import { skippedFile } from '../files/names.ts';
import type { Grown } from './contract.ts';
import { GrownList } from './grown-list.ts';
import type { ContentRecord } from './records.ts';
import type { SkipList } from './skip-list.ts';

/**
 * Takes content that comes when everything had arrived before, and was put under its names, or is about to be: files that changed at
 * the sender after that. They are left out, and said so.
 */
export class LateLanding {
  readonly #skips: SkipList;
  readonly #grown = new GrownList();
  #path: readonly string[] = [];
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
        this.#path = record.entry.path;
        return;
      case 'data':
        this.#received += record.bytes.length;
        return;
      case 'end':
      case 'fail':
        this.#skips.add(skippedFile(this.#path, 'changed'), true);
        return;
      case 'skip':
        this.#skips.add({ path: record.path, reason: record.reason }, true);
        return;
      case 'missing':
        this.#skips.add(skippedFile(record.file.path, record.reason), true);
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
}
