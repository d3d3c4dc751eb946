import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { SealaneError } from '../../shared/errors.ts';

/** More than any invite; what is longer is not read on. */
const MAX_CHARACTERS = 8192;

/**
 * The first line of `input` that is not empty, trimmed; what follows is left alone, so that the other end may stay open (an
 * `invite` does). Gives '' when the input ends without one or is far too long; throws `cancelled` when `signal` fires.
 */
export async function readFirstLine(input: Readable, signal: AbortSignal): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  return await new Promise<string>((resolve, reject) => {
    const settle = (act: () => void) => {
      input.off('data', onData);
      input.off('end', onEnd);
      input.off('error', onEnd);
      signal.removeEventListener('abort', onAbort);
      input.pause();
      act();
    };
    const onData = (chunk: Buffer | string) => {
      text += typeof chunk === 'string' ? chunk : decoder.write(chunk);
      text = text.trimStart();
      const end = text.search(/[\r\n]/);
      if (end !== -1) {
        settle(() => {
          resolve(text.slice(0, end).trim());
        });
      } else if (text.length > MAX_CHARACTERS) {
        settle(() => {
          resolve('');
        });
      }
    };
    const onEnd = () => {
      settle(() => {
        resolve(text.trim());
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
