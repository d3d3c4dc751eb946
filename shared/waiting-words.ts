import type { ErrorCode, SealaneError } from './errors.ts';
import { NoSpace, lackSentence } from './no-space.ts';
import { FolderError, folderSentence } from './received-folder.ts';

/**
 * What is said of an error while a transfer waits because of it: only what is in the way. The transfer goes on by itself, which is
 * said beside it, so here nobody is told to try again, nor to do what would change nothing.
 */

interface Words {
  readonly here: string;
  /** The same when the other device said it. */
  readonly there: string;
}

const WORDS: { readonly [Code in ErrorCode]?: string | Words } = {
  unreachable:
    'The other device cannot be reached: it may be off, without Sealane open, or on another network.',
  'connection-lost': 'The connection to the other device was lost.',
  'connection-stalled': 'The other device stopped answering.',
  busy: 'The other device is busy with other transfers.',
  'offers-open': 'The other device has not answered earlier offers from this one, and keeps no more of them.',
  'too-fast': 'The other device does not take so many offers in so short a time.',
  'not-receiving': 'The other device is only sending at the moment, and takes no offers.',
  interrupted: 'This was left off when Sealane was closed here.',
  'no-space': {
    here: 'There is not enough free space for this.',
    there: 'There is not enough free space for this on the other device.',
  },
  'destination-unusable': {
    here: 'The folder for received files cannot be written.',
    there: 'The folder for received files on the other device cannot be written.',
  },
  'destination-changed': {
    here: 'The folder for received files was moved, replaced or removed. Once there is one again, everything is sent anew.',
    there: 'The folder for received files on the other device was moved, replaced or removed.',
  },
  'profile-unusable': {
    here: 'The folder with this device’s settings cannot be read or written.',
    there: 'The other device cannot write its settings.',
  },
  'peer-key-mismatch':
    'What answered is not the device that this one is paired with. Nothing was sent to it.',
  'tls-failed': 'What answered in the place of the other device made no secure connection.',
  'not-trusted': 'What answered in the place of the other device has turned this one away.',
  paused: 'The other device has paused the transfer.',
};

/** What a transfer that waits says is in the way; for what no transfer waits for, what the error says. */
export function waitingSentence(error: SealaneError): string {
  if (error instanceof FolderError) return folderSentence(error);
  if (error instanceof NoSpace) return lackSentence(error);
  const { code, fromPeer, message } = error;
  const words = WORDS[code] ?? message;
  if (typeof words === 'string') return words;
  return fromPeer ? words.there : words.here;
}
