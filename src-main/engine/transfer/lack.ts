import { statfs } from 'node:fs/promises';
import type { SealaneError } from '../../../shared/errors.ts';
import { NoSpace } from '../../../shared/no-space.ts';
import { RESERVE_BYTES } from '../files/destination.ts';

/**
 * A disk that was full before anybody had asked it says no more than that: then it is asked now. `missing`: bytes that are still to
 * come. Gives the error as it is where the numbers would not show what is in the way, as with a quota. Never rejects.
 */
export async function withLack(
  error: SealaneError,
  { folder, missing }: { readonly folder: string; readonly missing: number },
): Promise<SealaneError> {
  const { code, detail, fromPeer } = error;
  if (code !== 'no-space' || detail !== 'ENOSPC' || fromPeer || error instanceof NoSpace) return error;
  const disk = await statfs(folder).catch(() => undefined);
  if (disk === undefined) return error;
  const [needed, free] = [missing + RESERVE_BYTES, disk.bavail * disk.bsize];
  return free < needed ? new NoSpace({ needed, free }, { detail }) : error;
}
