import { journaledPlace } from '../content/leftover.ts';
import { standingOf } from '../files/staging-folder.ts';
import { sizeOfStaging } from '../files/staging-size.ts';
import type { PartialData } from '../../../shared/views.ts';

/**
 * Where what has arrived of a transfer lies that is not there under its name, as its folder in the profile says; null where there is
 * nothing. Changes nothing, and demands no claim: another process may be at it. Throws `profile-unusable`.
 */
export async function partialDataOf(folder: string): Promise<PartialData | null> {
  const place = journaledPlace(folder);
  if (place === undefined) return null;
  const standing = standingOf(place);
  if (standing === 'gone') return null;
  const { bytes, isWhole } = await sizeOfStaging(place);
  return { folder: place.folder.path, into: place.into, bytes, isWhole, isThere: standing === 'there' };
}
