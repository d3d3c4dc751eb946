import { mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { systemCode } from './system-code.ts';

/** Where this user's own things lie, and how folders for them are made: the same for the window and the command. */

/** The user's home folder; undefined when none is known, or when what the environment gives is not an absolute path. */
export function homeFolder(): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : undefined;
  } catch {
    // A user whom the system does not list, and no HOME.
    return undefined;
  }
}

/** Where received files go as long as nobody says otherwise; in the profile where this user has no home. */
export function usualDownloads(profile: string): string {
  return join(homeFolder() ?? profile, 'Downloads', 'Sealane');
}

/** Makes one folder (0700). `absent`: what it would lie in is not there. Throws what the file system says. */
function makeOne(folder: string): 'made' | 'there' | 'absent' {
  try {
    mkdirSync(folder, { mode: 0o700 });
    return 'made';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'absent';
    if (systemCode(error) === 'EEXIST' && statSync(folder).isDirectory()) return 'there';
    throw error;
  }
}

/**
 * Makes a folder (absolute path, 0700) and those above it that are missing, and gives those that it made, the outermost first. Each
 * is tried once on the way up and once on the way down: node's own `recursive` takes ENOENT from a file system that lets nothing
 * be made in it (/proc) for a folder above that is missing, and tries for ever. Throws what the file system says.
 */
export function makeFolders(folder: string): readonly string[] {
  const missing: string[] = [];
  let at = folder;
  let outcome = makeOne(at);
  while (outcome === 'absent' && at !== dirname(at)) {
    missing.unshift(at);
    at = dirname(at);
    outcome = makeOne(at);
  }
  const made = outcome === 'made' ? [at] : [];
  for (const each of missing) {
    if (makeOne(each) === 'made') made.push(each);
    // When it still is not there, the system says so.
    else statSync(each);
  }
  return made;
}
