import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DIRECTORY, NO_FOLLOW, NO_WAIT, errnoOf, profileError } from '../files/disk.ts';

export const JOURNAL_NAME = 'journal';

/**
 * Undefined where there is none. Throws `profile-unusable`: one that cannot be opened now may say how far all
 * is safe.
 */
export function openExisting(folder: string, flags: number): number | undefined {
  try {
    return openSync(join(folder, JOURNAL_NAME), flags | NO_FOLLOW | NO_WAIT);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw profileError(error);
  }
}

export function openNew(folder: string, name: string): number {
  const { O_CREAT, O_TRUNC, O_WRONLY } = constants;
  return openSync(join(folder, name), O_CREAT | O_TRUNC | O_WRONLY | NO_FOLLOW, 0o600);
}

export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

/** Makes the names of new files outlive a power cut. */
export function syncFolder(folder: string): void {
  if (DIRECTORY === 0) return;
  const fd = openSync(folder, constants.O_RDONLY | DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
