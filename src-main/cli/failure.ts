import { SealaneError, asSealaneError } from '../../shared/errors.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { TransferId } from '../../shared/views.ts';
import type { ErrorReport } from './report.ts';

/** An error with a code of the table whose sentence says more than the table's, such as which path it is about. */
export class Failure extends SealaneError {
  override readonly message: string;

  constructor(code: ErrorCode, message: string) {
    super(code);
    this.message = message;
  }
}

/** What is told of anything thrown. What is no `SealaneError` is told as `internal`, with its own words: they are all there is to go by. */
export function errorReport(error: unknown, transfer?: TransferId): ErrorReport {
  const known = asSealaneError(error);
  const words = known.code === 'internal' && known.cause instanceof Error ? known.cause.message : undefined;
  const message = words === undefined ? known.message : `${known.message} (${words})`;
  return { event: 'error', code: known.code, message, ...(transfer === undefined ? {} : { transfer }) };
}
