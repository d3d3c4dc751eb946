import { constants } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { displayText } from '../../shared/display.ts';
import { SealaneError } from '../../shared/errors.ts';
import { homeFolder } from '../folders.ts';
import { missingMount } from '../mount-points.ts';
import { systemCode } from '../system-code.ts';
import { Failure, noDiskAt } from './failure.ts';
import type { Host } from './host.ts';

/** Where what the command line names lies, and where this device's own things lie when it names nothing. */

const NO_HOME =
  'There is no place for this device’s settings: HOME is not set to an absolute path. Say where with --profile.';

/** Set by users and by systems: the places that env-paths looks at. */
const PLACES = ['XDG_CONFIG_HOME', 'APPDATA', 'LOCALAPPDATA'] as const;

/**
 * Takes out of an environment the places that are not absolute: the XDG Base Directory Specification has them ignored, and taken as
 * they are they would make another device in each folder that a command is started in.
 */
export function ignoreRelativePlaces(env: Record<string, string | undefined>): void {
  for (const name of PLACES) {
    const value = env[name];
    if (value !== undefined && !isAbsolute(value)) Reflect.deleteProperty(env, name);
  }
}

/** The profile where none is named: in the system's folder for configuration. Throws `usage` where this user has no home. */
export async function usualProfile(): Promise<string> {
  if (homeFolder() === undefined) throw new Failure('usage', NO_HOME);
  // It asks for the home folder when it is loaded, which fails for a user that has none.
  const { default: envPaths } = await import('env-paths');
  return envPaths('sealane', { suffix: '' }).config;
}

/** Undefined when it is gone. */
function currentFolder({ cwd }: Pick<Host, 'cwd'>): string | undefined {
  try {
    return cwd();
  } catch {
    return undefined;
  }
}

/** A path of the command line, absolute. Throws `usage` for a relative one when the current folder is gone. */
export function absolutePath(host: Pick<Host, 'cwd'>, path: string): string {
  if (isAbsolute(path)) return resolve(path);
  const from = currentFolder(host);
  if (from === undefined) {
    throw new Failure(
      'usage',
      `The current folder is not there any more, so ${displayText(path)} is nowhere. Change to another folder, or give an absolute path.`,
    );
  }
  return resolve(from, path);
}

/**
 * Throws `usage` for what stands among the arguments of `send` as an option and is the name of a file in the current folder: `send
 * laptop *` names whatever lies there, and whoever sent the file chose its name. As an option it would choose another profile, or
 * have the help shown and nothing sent; as the end of the options it would be left out in silence.
 */
export async function refuseFilesAsOptions(args: readonly string[], host: Pick<Host, 'cwd'>): Promise<void> {
  const command = args.indexOf('send');
  if (command === -1) return;
  const here = currentFolder(host);
  if (here === undefined) return;
  const end = args.indexOf('--', command);
  const isHere = (name: string): Promise<boolean> => lstat(resolve(here, name)).then(Boolean, () => false);
  // A second one is a file for certain, and so the first one was meant as an end.
  if (end !== -1 && args.indexOf('--', end + 1) === -1 && (await isHere('--'))) {
    throw new Failure(
      'usage',
      '-- ends the options, and a file of this name is here, too. Write ./-- for the file. To end the options, write ./ before each name instead.',
    );
  }
  for (const text of args.slice(command + 1, end === -1 ? args.length : end)) {
    if (!text.startsWith('-') || text === '-') continue;
    if (!(await isHere(text))) continue;
    const name = displayText(text);
    throw new Failure(
      'usage',
      `${name} is an option, and a file of this name is here, too. Write ./${name} for the file, or -- before all that is to be sent.`,
    );
  }
}

/**
 * Throws `destination-unusable`, with the reason, for a folder that nothing could be received into as things are now. What is not
 * there is made when something arrives, so the nearest folder above it counts.
 *
 * @param folder absolute path
 */
export async function checkDestination(folder: string): Promise<void> {
  const refuse = (why: string): never => {
    throw new Failure('destination-unusable', `Nothing can be put into ${displayText(folder)}: ${why}`);
  };
  const missing = missingMount(folder);
  if (missing !== undefined) refuse(`${noDiskAt(missing)}. Mount it, or name another folder.`);
  for (let at = folder; ; at = dirname(at)) {
    const name = displayText(at);
    try {
      if (!(await stat(at)).isDirectory()) refuse(`${name} is a file, not a folder.`);
      await access(at, constants.W_OK | constants.X_OK);
      return;
    } catch (error) {
      if (error instanceof SealaneError) throw error;
      const code = systemCode(error);
      const isLink = code === 'ENOENT' && (await lstat(at).then(Boolean, () => false));
      if (isLink) refuse(`${name} is a link to something that is not there.`);
      if (code === 'EACCES' || code === 'EPERM') refuse(`this user may not write in ${name}.`);
      if (code === 'EROFS') refuse(`${name} can only be read.`);
      if (code === 'ELOOP') refuse('a link on the way to it leads back to itself.');
      // What is not there, and what lies below a file: the folder above tells.
      if (code !== 'ENOENT' && code !== 'ENOTDIR') refuse(`the system says ${String(code)} about ${name}.`);
    }
  }
}
