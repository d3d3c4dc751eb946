import type { Disk } from './disk.ts';
import { markInside, openAnchor } from './folder-mark.ts';
import type { FolderMark } from './folder-mark.ts';
import { POSIX_RULES, TRIAL_NAMES, WINDOWS_RULES } from './names.ts';
import type { NameRules } from './names.ts';
import { AGAIN_NAME } from './staging-folder.ts';

/**
 * The rules of names in a destination, found out by trying: what kind of file system it is does not tell, since one kind
 * (FUSE, a network share) has many rules, and a stick may be mounted with either. On Windows nothing is tried: its rules hold
 * whatever the file system.
 *
 * `staging`: the staging folder, in which nobody else sees what is tried. `platform`: as Node calls it. Throws
 * `destination-changed`, and system errors that have nothing to do with a name.
 */
export function nameRules(
  staging: FolderMark,
  disk: Pick<Disk, 'holdsName'>,
  platform: NodeJS.Platform = process.platform,
): NameRules {
  if (platform === 'win32') return WINDOWS_RULES;
  const anchor = openAnchor(markInside(staging, AGAIN_NAME));
  try {
    const refused = (name: string): boolean => !disk.holdsName(anchor.path, name);
    if (!refused(TRIAL_NAMES.all)) return POSIX_RULES;
    const { forbidden, dropped } = WINDOWS_RULES;
    return {
      forbidden: Array.from(forbidden)
        .filter((character) => refused(TRIAL_NAMES.with(character)))
        .join(''),
      dropped: Array.from(dropped)
        .filter((end) => refused(TRIAL_NAMES.before(end)))
        .join(''),
      devices: refused(TRIAL_NAMES.device),
    };
  } finally {
    anchor.close();
  }
}
