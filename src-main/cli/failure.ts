import { z } from 'zod';
import { displayText } from '../../shared/display.ts';
import { ERRORS, SealaneError, asSealaneError } from '../../shared/errors.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { TransferId } from '../../shared/views.ts';
import { missingMount } from '../mount-points.ts';
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
  return code === 'internal' && cause instanceof Error
    ? `${message} (${displayText(cause.message)})`
    : message;
}

/** What is wrong where a disk belongs; `place` is what `missingMount` says. */
export function noDiskAt(place: string): string {
  return `a disk belongs at ${displayText(place)} (/etc/fstab), and none is mounted`;
}

/** Why a profile cannot be used, by what the engine says of it in `detail`. */
const PROFILE_CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'this user may not read or write there.',
  EPERM: 'this user may not read or write there.',
  EROFS: 'it can only be read.',
  ENOSPC: 'the disk is full.',
  EDQUOT: 'this user may not store more there.',
  EFBIG: 'no file may become as long as it has to be.',
  ENOENT: 'no folder can be made there.',
  EEXIST: 'a file, or a link that leads nowhere, is in the place of a folder.',
  ENOTDIR: 'a file is in the place of a folder.',
  ELOOP: 'a link leads back to itself.',
  ENAMETOOLONG: 'the path is too long.',
  EIO: 'the disk fails.',
  locked: 'another process of Sealane has kept it locked for half a minute.',
  'newer-version': 'a newer version of Sealane has written in it.',
  'not-kept': 'what was written there does not read back the same.',
};

/**
 * An error about the profile as a whole, told with the folder and the cause; any other error as it is. Only for the terminal of who
 * named the folder: a log is not told of it.
 *
 * @param profile its folder, absolute
 */
export function aboutProfile(error: unknown, profile: string): unknown {
  if (!(error instanceof SealaneError)) return error;
  if (error.code === 'profile-occupied') {
    const what = `The folder ${displayText(profile)} has other things in it, and none of Sealane’s. Nothing in it was changed.`;
    return new Failure(error.code, `${what} Name an empty folder, or a new one, with --profile.`);
  }
  if (error.code === 'profile-unmounted') {
    const what = `The folder for this device’s settings, ${displayText(profile)}, cannot be used: ${noDiskAt(missingMount(profile) ?? profile)}.`;
    return new Failure(error.code, `${what} Mount it, or name another folder with --profile.`);
  }
  if (error.code !== 'profile-unusable') return error;
  const { detail = '' } = error;
  const cause = PROFILE_CAUSES[detail] ?? `the system says ${detail === '' ? 'no' : detail}.`;
  const where = `The folder with this device’s settings, ${displayText(profile)}, cannot be used: ${cause}`;
  return new Failure(error.code, `${where} Mend that, or name another folder with --profile.`);
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
