import { displayText } from './display.ts';
import { SealaneError } from './errors.ts';
import type { ErrorCode } from './errors.ts';
import { NoSpace, needText } from './no-space.ts';
import type { SpaceFacts } from './no-space.ts';

/** What can be wrong with a folder for received files: its user may choose another one. */
export const FOLDER_CODES: readonly ErrorCode[] = ['no-space', 'destination-unusable', 'destination-changed'];

/** The `detail` of a `no-space` that is about the disk with this device's settings, where every transfer has its lists. */
export const PROFILE_DISK = 'the disk with the settings';

/** Why nothing can be put into a folder, by what the system or the engine says of it in `detail`. */
const CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it can only be read',
  ENOENT: 'it is not there',
  ENOTDIR: 'it, or what it would lie in, is not a folder',
  EEXIST: 'it, or what it would lie in, is not a folder',
  ELOOP: 'a link on the way to it leads back to itself',
  ENAMETOOLONG: 'its path is too long',
  EIO: 'its disk fails',
  'not an absolute path': 'it is not an absolute path',
  'a link of another user': 'a link of another user of this computer leads there',
  'another disk': 'another disk is in its place',
  'no disk': 'the disk that it was on is not there',
};

/** An error about a folder for received files on this device, with the folder named. */
export class FolderError extends SealaneError {
  override readonly message: string;
  /** Absolute path; raw. */
  readonly folder: string;
  readonly space: SpaceFacts | undefined;

  constructor(error: SealaneError, folder: string) {
    const { code, detail } = error;
    super(code, { cause: error, ...(detail === undefined ? {} : { detail }) });
    this.folder = folder;
    this.space = error instanceof NoSpace ? error.space : undefined;
    this.message = `${folderSentence(this)}${code === 'destination-changed' ? '' : ' Choose another folder.'}`;
  }
}

/** The same error with the folder named, where it is about this device's folder for received files. */
export function aboutFolder(error: SealaneError, folder: string): SealaneError {
  const { fromPeer, code, detail } = error;
  const isAbout = !fromPeer && FOLDER_CODES.includes(code) && detail !== PROFILE_DISK;
  return isAbout ? new FolderError(error, folder) : error;
}

/** What is in the way, without what to do about it. */
export function folderSentence({ code, detail = '', folder, space }: FolderError): string {
  const name = displayText(folder);
  if (code === 'no-space') {
    return `There is not enough free space in ${name}${space === undefined ? '' : `: ${needText(space)}`}.`;
  }
  if (code === 'destination-changed')
    return `${name} was moved, replaced or removed. Once there is a folder again, everything is sent anew.`;
  return `Nothing can be put into ${name}: ${CAUSES[detail] ?? 'it cannot be written'}.`;
}
