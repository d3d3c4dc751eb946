import { z } from 'zod';
import { ERRORS, SealaneError, asSealaneError } from '../../shared/errors.ts';
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
  const message = sentenceOf(known);
  return { event: 'error', code: known.code, message, ...(transfer === undefined ? {} : { transfer }) };
}

function sentenceOf(error: SealaneError): string {
  const { code, cause, message } = error;
  if (code === 'listen-failed') return listenMessage(error);
  return code === 'internal' && cause instanceof Error ? `${message} (${cause.message})` : message;
}

/** What of a system error says why a port could not be opened. */
const listenCause = z.object({
  code: z.string(),
  address: z.string().optional(),
  port: z.number().optional(),
  hostname: z.string().optional(),
});

const LISTEN_CAUSES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another program uses this port. End it, or choose another one with --listen.',
  EACCES: 'The system keeps this port for itself. Choose one above 1023 with --listen.',
  EADDRNOTAVAIL: 'This computer does not have this address. Choose one that it has with --listen.',
  ENOTFOUND: 'This host is not known. Choose an address of this computer with --listen.',
};

/** The sentence for a port that could not be opened, with where and why as far as the system has said it. */
function listenMessage({ code, cause }: SealaneError): string {
  const { message } = ERRORS[code];
  const said = listenCause.safeParse(cause).data;
  if (said === undefined) return message;
  const { address = said.hostname ?? '', port } = said;
  const host = address.includes(':') ? `[${address}]` : address;
  const place = port === undefined ? host : `${host}:${String(port)}`;
  return [`${message.slice(0, -1)}: ${place}.`, LISTEN_CAUSES[said.code] ?? `(${said.code})`].join(' ');
}
