import { SealaneError } from '../../../shared/errors.ts';
import { MAX_DETAILS_BYTES } from '../../../shared/limits.ts';
import type { MessageBody, transferMessages } from '../../../shared/messages.ts';
import type { TransferDetail } from '../../../shared/views.ts';
import { detailsOf } from '../files/details-file.ts';

type Listed = Pick<MessageBody<typeof transferMessages, 'complete'>, 'renamed' | 'skipped'>;
type Counted = Listed &
  Pick<MessageBody<typeof transferMessages, 'complete'>, 'renamedCount' | 'skippedCount'>;

/** What a receiver says was left out or renamed, no more than is kept. */
export class ToldDetails {
  readonly #details: TransferDetail[] = [];
  #bytes = 0;

  /** Throws `content-mismatch` where it is more than any honest receiver keeps. */
  add({ renamed, skipped }: Listed): void {
    for (const detail of detailsOf(renamed, skipped)) {
      this.#bytes += Buffer.byteLength(JSON.stringify(detail)) + 1;
      this.#details.push(detail);
    }
    // One that says nothing is one too many, too: there is no end of them.
    if (this.#bytes > MAX_DETAILS_BYTES || renamed.length + skipped.length === 0)
      throw new SealaneError('content-mismatch', { detail: 'too much is listed' });
  }

  /** All of it; where nothing was said before the last word, what that lists. Throws `frame-malformed` where it is more than that counts. */
  all(complete: Counted): readonly TransferDetail[] {
    if (this.#details.length === 0) return [...detailsOf(complete.renamed, complete.skipped)];
    const skipped = this.#details.filter(({ kind }) => kind === 'skipped').length;
    if (skipped > complete.skippedCount || this.#details.length - skipped > complete.renamedCount)
      throw new SealaneError('frame-malformed', { detail: 'more listed than counted' });
    return this.#details;
  }
}

/** What a receiver has told, with what it cannot know to be left out, before what was renamed. */
export function withLeftOut(
  told: readonly TransferDetail[],
  untold: Parameters<typeof detailsOf>[1],
): readonly TransferDetail[] {
  const renamed = told.findIndex(({ kind }) => kind === 'renamed');
  return told.toSpliced(renamed === -1 ? told.length : renamed, 0, ...detailsOf([], untold));
}
