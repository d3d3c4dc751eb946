import { readdir } from 'node:fs/promises';
import { SealaneError } from '../../../shared/errors.ts';
import { LOCK_FILE } from './lock.ts';

/**
 * Names of which a profile has at least one, whatever of it was lost: the lock is made before all else. Not those that another program's
 * folder may well have (`settings.json`).
 */
const MARKS: readonly string[] = [
  LOCK_FILE,
  'identity.key',
  'identity.key.copy',
  'devices.json',
  'devices.copy.json',
  'invites.json',
  'invites.copy.json',
  'settings.copy.json',
  'history.copy.json',
];

/**
 * Throws `profile-occupied` for a folder that has something in it, and nothing of a profile: somebody's own files, which are not to be
 * closed to others and mixed with ours. Changes nothing. What cannot be looked at, opening says.
 */
export async function refuseOccupied(profile: string): Promise<void> {
  const names = await readdir(profile).catch(() => []);
  if (names.length === 0 || names.some((name) => MARKS.includes(name))) return;
  throw new SealaneError('profile-occupied');
}
