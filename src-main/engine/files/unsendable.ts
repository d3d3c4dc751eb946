import { SealaneError } from '../../../shared/errors.ts';
import type { LeftOut, SkippedFile } from '../../../shared/views.ts';

/** Nothing of what was chosen can be sent, and why each of it cannot. */
export class Unsendable extends SealaneError {
  readonly leftOut: LeftOut;

  constructor(leftOut: LeftOut) {
    super(leftOut.skipped.every(isMissing) ? 'source-missing' : 'nothing-to-send');
    this.leftOut = leftOut;
  }
}

function isMissing({ reason }: SkippedFile): boolean {
  return reason === 'vanished' || reason === 'unreadable';
}
