import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { SealaneError } from '../../../shared/errors.ts';

/**
 * Installs a deb or rpm as root, and exactly the one that the signed manifest names. Any program of the user may exchange the
 * fetched file at any time, so no check on this side counts for root: `install-update`, which belongs to root, copies the
 * package to where only root reaches, verifies that copy and installs that copy.
 */

/** A package that was fetched, and what a verified manifest says of it. */
export interface FetchedPackage {
  readonly kind: 'deb' | 'rpm';
  readonly path: string;
  /** Base64, as in the manifest. */
  readonly sha512: string;
  /** Bytes. */
  readonly size: number;
}

/** Runs a program as root with this file descriptor as its standard input. Gives its exit status. */
export type RootRunner = (command: readonly string[], stdin: number) => Promise<number>;

/** The exit status of `install-update` for a package that the manifest does not name. */
const NOT_THE_SIGNED_ONE = 65;
/** pkexec's own: the user closed the password dialogue. */
const DISMISSED = 126;

function exitStatus(program: string, args: readonly string[], stdin: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: [stdin, 'ignore', 'ignore'] });
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
}

/** Asks for an administrator's password through the system's dialogue, unless the app runs as root already. */
export const runAsRoot: RootRunner = ([program = '', ...args], stdin) =>
  process.getuid?.() === 0
    ? exitStatus(program, args, stdin)
    : exitStatus('/usr/bin/pkexec', ['--disable-internal-agent', program, ...args], stdin);

/**
 * Installs a fetched package.
 *
 * @param helper the path of `install-update` in the installed app
 * @returns false when the user did not give the password
 * @throws SealaneError `update-refused` when the file is no longer the one that was signed for; `update-failed` when it cannot
 *   be read or installed
 */
export async function installAsRoot(
  { kind, path, sha512, size }: FetchedPackage,
  helper: string,
  run: RootRunner = runAsRoot,
): Promise<boolean> {
  const digest = Buffer.from(sha512, 'base64').toString('hex');
  let status: number;
  try {
    // Something that only waits to be opened (a named pipe) is no package.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile()) throw new Error('the fetched package is no file');
      status = await run([helper, kind, digest, String(size)], file.fd);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new SealaneError('update-failed', { cause: error, detail: 'the installation cannot be started' });
  }
  if (status === 0) return true;
  if (status === DISMISSED) return false;
  if (status === NOT_THE_SIGNED_ONE) {
    throw new SealaneError('update-refused', { detail: 'the fetched file was exchanged' });
  }
  throw new SealaneError('update-failed', { detail: `the installation ended with status ${status}` });
}
