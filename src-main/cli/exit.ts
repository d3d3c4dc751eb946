import { ERRORS, EXIT_CODES } from '../../shared/errors.ts';
import type { ErrorCode, ExitClass } from '../../shared/errors.ts';
import type { TransferState } from '../../shared/views.ts';
import { unreachable } from '../../shared/unreachable.ts';

/** How a command ends for an error with this code. */
export function exitOfError(code: ErrorCode): ExitClass {
  return ERRORS[code].exit;
}

/** How a command that followed one transfer ends; undefined while the transfer goes on. */
export function exitOfTransfer(state: TransferState): ExitClass | undefined {
  switch (state.kind) {
    case 'preparing':
    case 'connecting':
    case 'offered':
    case 'running':
    case 'waiting':
    case 'paused':
    case 'finishing':
      return undefined;
    case 'done':
    case 'incomplete':
      return state.kind;
    case 'declined':
      return 'declined';
    case 'cancelled':
      return 'cancelled';
    case 'failed':
      return exitOfError(state.error.code);
    default:
      return unreachable(state);
  }
}

/** The number the process ends with: the promise to scripts in shared/errors.ts. */
export function exitNumber(exit: ExitClass): number {
  return EXIT_CODES[exit];
}
