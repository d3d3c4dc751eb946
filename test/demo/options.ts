import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { DemoError } from './demo-error.ts';

export interface DemoOptions {
  /** What is sent, absolute; undefined: a folder made for the purpose. */
  readonly path: string | undefined;
  readonly window: boolean;
  readonly keep: boolean;
  readonly help: boolean;
}

export const HELP = `Two devices on this computer pair with each other and one sends the other a folder. Then both sides are compared.

Usage: npm run demo [-- [PATH] [--window] [--keep]]

  PATH      a file or folder to send instead of a made-up folder of 300 MB; it is only read
  --window  in two desktop windows instead of the terminal; leaves pictures of every step
  --keep    leave what was received where it is, instead of removing it at the end
  --help    show this

Examples:
  npm run demo
  npm run demo -- ~/Pictures/Holiday --keep
  npm run demo -- --window

Everything happens in a folder of its own below the system's temporary folder (TMPDIR), which is removed at the end.
It ends with 0 if both sides are the same, with 1 if they differ or something failed, with 2 if it was not understood.
`;

/** Reads the command line; a relative PATH starts at `cwd`. Throws DemoError. */
export function readOptions(args: readonly string[], cwd: string): DemoOptions {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        window: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
      allowPositionals: true,
    });
    const [path, ...more] = positionals;
    if (more.length > 0) throw new RangeError('Give one file or folder');
    return { ...values, path: path === undefined ? undefined : resolve(cwd, path) };
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new DemoError(`${reason}.\nnpm run demo -- --help shows what it understands.`, 2);
  }
}
