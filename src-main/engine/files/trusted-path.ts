import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, parse } from 'node:path';

/** As many links as Linux follows on one path. */
const MAX_LINKS = 40;

/** A link on the way belongs to another user, who can have it lead anywhere at any time. */
export class ForeignLinkError extends Error {
  override readonly name = 'ForeignLinkError';
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function tooManyLinks(): Error {
  return Object.assign(new Error('too many links'), { code: 'ELOOP' });
}

/**
 * The real path of what stands at `path` (absolute), in which no link is left. As realpath(3), but a link is followed only where it belongs to this user or to root, as `walkTo` does on the way to a
 * destination. Windows, whose links only administrators make, has no owners to go by. Throws `ForeignLinkError`, and what the file
 * system says.
 */
export function trustedPath(path: string): string {
  const user = process.geteuid?.();
  if (user === undefined) return realpathSync.native(path);
  const { root } = parse(path);
  const ahead = namesOf(path);
  let here = root;
  let links = 0;
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    if (name === '..') {
      here = dirname(here);
      continue;
    }
    const at = join(here, name);
    const stats = lstatSync(at);
    if (!stats.isSymbolicLink()) {
      here = at;
      continue;
    }
    if (stats.uid !== user && stats.uid !== 0) throw new ForeignLinkError('a link of another user');
    links += 1;
    if (links > MAX_LINKS) throw tooManyLinks();
    const target = readlinkSync(at);
    if (isAbsolute(target)) here = root;
    ahead.unshift(...namesOf(target));
  }
  return here;
}
