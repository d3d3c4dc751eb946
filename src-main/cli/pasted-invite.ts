import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { SealaneError } from '../../shared/errors.ts';
import { MAX_PASTED_CHARACTERS, holdsWholeInvite } from '../engine/index.ts';

/** A mail with an attachment is longer; an invite that comes only then was not meant to be found. In characters. */
const MAX_READ_CHARACTERS = 256 * 1024;

/** Somebody who has pasted all of it waits; so long after the last line, in ms, that is said. */
export const QUIET_MS = 1_500;

/** No invite is looked for where there is neither of these: its link and its token begin with one. */
const BEGINNING = /sealane:|eyJ/iu;

export interface PastedInviteOptions {
  readonly signal: AbortSignal;
  /** Called whenever lines have come, none follows for `quietMs`, and there is no whole invite in what has come. */
  readonly onIncomplete: () => void;
  readonly quietMs?: number;
}

/**
 * Text from `input` with an invite in it, which may go over several lines and stand between others: read up to the line that completes
 * it. What follows is left alone, so that the other end may stay open (an `invite` does). Where none is complete it is read to its end, and
 * the last that was read is given, to be called what it is. Throws `cancelled` when `signal` fires.
 */
export async function readPastedInvite(
  input: Readable,
  { signal, onIncomplete, quietMs = QUIET_MS }: PastedInviteOptions,
): Promise<string> {
  const decoder = new StringDecoder('utf8');
  /** The last of the whole lines. */
  let lines = '';
  /** What follows them. */
  let line = '';
  let read = 0;
  let timer: NodeJS.Timeout | undefined;
  const text = () => (lines + line).trim().slice(-MAX_PASTED_CHARACTERS);

  /** Whether there is a whole invite by now. */
  const take = (more: string): boolean => {
    const [first = '', ...rest] = more.split(/(?<=[\r\n])/u);
    for (const part of [line + first, ...rest]) {
      line = part;
      if (!/[\r\n]$/u.test(part)) continue;
      lines = (lines + part).slice(-MAX_PASTED_CHARACTERS);
      line = '';
      if (BEGINNING.test(lines) && holdsWholeInvite(lines)) return true;
    }
    return false;
  };

  return await new Promise<string>((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      input.off('data', onData);
      input.off('end', onEnd);
      input.off('error', onEnd);
      signal.removeEventListener('abort', onAbort);
      input.pause();
      act();
    };
    const onData = (chunk: Buffer | string) => {
      const more = typeof chunk === 'string' ? chunk : decoder.write(chunk);
      read += more.length;
      if (take(more) || read > MAX_READ_CHARACTERS) onEnd();
      else {
        clearTimeout(timer);
        if (lines.trim() !== '') timer = setTimeout(onIncomplete, quietMs);
      }
    };
    const onEnd = () => {
      settle(() => {
        resolve(text());
      });
    };
    const onAbort = () => {
      settle(() => {
        reject(new SealaneError('cancelled'));
      });
    };
    input.on('data', onData);
    input.on('end', onEnd);
    input.on('error', onEnd);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}
