import { PAIRING_ERRORS } from './pairing-errors.ts';

/**
 * Every error that a person, a script or a peer can meet: a stable code, a sentence that says what happened and what to do,
 * the exit class of the command line, and, where it may travel, its number on the wire. Text never travels.
 */

/** How the command line ends. The numbers are a promise to scripts. */
export const EXIT_CODES = {
  done: 0,
  failed: 1,
  usage: 2,
  declined: 3,
  unreachable: 4,
  untrusted: 5,
  cancelled: 6,
  /** Something was left out or did not arrive; the rest is there. */
  incomplete: 7,
} as const;
export type ExitClass = keyof typeof EXIT_CODES;

interface ErrorEntry {
  readonly message: string;
  /** The same when it is about the other device. */
  readonly ofPeer?: string;
  readonly exit: ExitClass;
  readonly wire?: number;
}

const table = {
  ...PAIRING_ERRORS,

  // Trust and connection
  'not-trusted': {
    wire: 20,
    exit: 'untrusted',
    message: 'The other device does not trust this one. Pair the two devices again.',
  },
  'peer-key-mismatch': {
    exit: 'untrusted',
    message: 'The device that answered is not the one you paired with. Nothing was sent.',
  },
  'device-forgotten': {
    wire: 21,
    exit: 'untrusted',
    message: 'The pairing with this device was removed. Pair the two devices again.',
  },
  'device-unknown': {
    exit: 'untrusted',
    message: 'No paired device has this name or id. See the list of devices.',
  },
  'device-ambiguous': { exit: 'usage', message: 'More than one paired device fits. Use more of its id.' },
  unreachable: {
    exit: 'unreachable',
    message:
      'The other device could not be reached. Check that it is on, that Sealane is open there, and that both are on the same network.',
  },
  'connection-lost': {
    exit: 'unreachable',
    message: 'The connection to the other device was lost. Check the network and try again.',
  },
  'offer-lost': {
    exit: 'unreachable',
    message:
      'The connection to the other device was lost before this began, and nothing of it arrived. If the other device still wants to send it, it offers it again.',
  },
  'connection-stalled': {
    wire: 23,
    exit: 'unreachable',
    message: 'The other device stopped answering. Check the network and try again.',
  },
  'tls-failed': {
    exit: 'untrusted',
    message: 'No secure connection could be made with the other device. Update Sealane on both.',
  },
  'protocol-version': {
    wire: 22,
    exit: 'failed',
    message: 'The two devices run versions of Sealane that do not understand each other. Update both.',
  },

  // Frames and messages
  'frame-too-long': {
    wire: 30,
    exit: 'failed',
    message: 'The other device sent a message that is too long. The connection was closed.',
  },
  'frame-unknown-type': {
    wire: 31,
    exit: 'failed',
    message: 'The other device sent a message of an unknown kind. The connection was closed.',
  },
  'frame-out-of-order': {
    wire: 32,
    exit: 'failed',
    message: 'The other device sent a message at the wrong moment. The connection was closed.',
  },
  'frame-malformed': {
    wire: 33,
    exit: 'failed',
    message: 'The other device sent a message that makes no sense. The connection was closed.',
  },

  // Content
  'chunk-forged': {
    wire: 40,
    exit: 'failed',
    message: 'Part of what arrived was changed on the way. Nothing of it was kept; send it again.',
  },
  'content-truncated': {
    wire: 41,
    exit: 'failed',
    message: 'What arrived is not complete. Nothing was kept; send it again.',
  },
  'content-mismatch': {
    wire: 42,
    exit: 'failed',
    message: 'What arrived is not what was offered. Nothing of it was kept.',
  },
  'name-refused': {
    wire: 43,
    exit: 'failed',
    message: 'The other device sent a file name that could write outside the folder. Nothing was kept.',
  },
  'no-space': {
    wire: 44,
    exit: 'failed',
    message: 'There is not enough free space for this. Make room or choose another folder.',
    ofPeer: 'There is not enough free space for this on the other device. Make room there.',
  },
  'destination-unusable': {
    wire: 45,
    exit: 'failed',
    message: 'The folder for received files cannot be written. Choose another one.',
    ofPeer: 'The folder for received files on the other device cannot be written.',
  },
  'destination-changed': {
    wire: 46,
    exit: 'failed',
    message:
      'The folder for received files was moved, replaced or removed. Once there is one again, everything is sent anew.',
    ofPeer: 'The folder for received files on the other device was moved, replaced or removed.',
  },
  'nothing-to-send': {
    exit: 'usage',
    message: 'Nothing of this can be sent. Choose other files or folders.',
  },
  'source-missing': {
    exit: 'usage',
    message: 'What is to be sent does not exist or cannot be read. Nothing was sent.',
  },
  'source-foreign-link': {
    exit: 'usage',
    message:
      'What is to be sent lies behind a link of another user of this computer, who decides where it leads. Choose what it leads to instead.',
  },
  'drop-foreign': {
    exit: 'usage',
    message:
      'Only files and folders from this computer can be dropped here, and not all of these are. Nothing was sent.',
  },
  'drop-too-large': {
    exit: 'usage',
    message:
      'More than 100,000 files and folders were dropped at once. Nothing was sent; put them into one folder, and drop that.',
  },
  'drop-too-soon': {
    exit: 'usage',
    message:
      'The devices had only just come up or moved when this was dropped, so nothing was sent. Drop it again.',
  },
  'address-malformed': {
    exit: 'usage',
    message:
      'This is no address. Give a host and a port, such as 192.168.1.20:7400; an IPv6 address goes in brackets: [fd00::20]:7400.',
  },
  'too-many-files': {
    wire: 47,
    exit: 'failed',
    message: 'These are more files than one transfer can hold. Send them in parts.',
  },
  'nothing-arrived': {
    exit: 'failed',
    message: 'Nothing of this arrived: all of it was left out. See the reasons, and send again what matters.',
  },
  declined: { wire: 50, exit: 'declined', message: 'The other device declined.' },
  cancelled: { wire: 51, exit: 'cancelled', message: 'The transfer was cancelled.' },
  paused: {
    wire: 53,
    exit: 'failed',
    message: 'The other device has paused the transfer. It goes on when it is resumed there.',
  },
  busy: {
    wire: 52,
    exit: 'failed',
    message: 'The other device is busy with too many transfers. Try again in a moment.',
  },
  'too-many-unfinished': {
    wire: 54,
    exit: 'failed',
    message:
      'Too many transfers from that device are unfinished here. Let some go on, or cancel some, to receive new ones.',
    ofPeer:
      'Too many transfers to the other device are unfinished there. Let some go on, or cancel some, before a new one.',
  },

  'offers-open': {
    wire: 55,
    exit: 'failed',
    message: 'As many offers from that device as are kept here are not answered yet. Answer some.',
    ofPeer:
      'The other device has not answered earlier offers from this one, and keeps no more of them. Have some answered there, or cancel some here.',
  },
  'too-fast': {
    wire: 56,
    exit: 'failed',
    message: 'That device offered more in a short time than is taken here.',
    ofPeer: 'The other device does not take so many offers in so short a time. Try again in a moment.',
  },
  'not-receiving': {
    wire: 57,
    exit: 'failed',
    message: 'Sealane was not open for receiving here.',
    ofPeer: 'The other device is only sending at the moment. Open Sealane there to receive.',
  },

  // This device
  usage: { exit: 'usage', message: 'The command was not understood. See --help.' },
  'profile-unusable': {
    wire: 48,
    exit: 'failed',
    message:
      'The folder with this device’s settings cannot be read or written. Check who owns it, and whether its disk is full.',
    ofPeer: 'The other device cannot write its settings. Its disk may be full.',
  },
  'profile-exposed': {
    exit: 'failed',
    message:
      'Other users of this computer can write to the folder with this device’s settings, or replace it. Choose one below your home folder that only you can write to.',
  },
  'profile-occupied': {
    exit: 'failed',
    message:
      'The folder for this device’s settings has other things in it, and none of Sealane’s. Nothing in it was changed. Choose an empty folder, or a new one.',
  },
  'profile-unmounted': {
    exit: 'failed',
    message:
      'The folder for this device’s settings lies where a disk belongs, and that disk is not mounted. Nothing was made there. Mount it, and try again.',
  },
  'profile-damaged': {
    exit: 'failed',
    message: 'The settings of this device are damaged and could not be repaired from the copy.',
  },
  'key-missing': {
    exit: 'failed',
    message:
      'This device’s key is missing from its settings folder, though devices are paired with it. Put identity.key back from a backup; or, to begin as a new device, remove that folder and pair again.',
  },
  'key-locked': {
    exit: 'failed',
    message:
      'This device’s key is locked in the system’s keychain. Open the desktop app, or unlock the keychain.',
  },
  'listen-failed': { exit: 'failed', message: 'This device could not open a port to be reached on.' },
  interrupted: {
    exit: 'failed',
    message: 'Sealane was closed in the middle of this transfer. It goes on when both devices are back.',
  },
  'record-lost': {
    exit: 'failed',
    message: 'What this device had noted of the transfer is damaged, so it cannot go on. Send it again.',
  },
  'transfer-ambiguous': { exit: 'usage', message: 'More than one transfer fits. Use more of its id.' },
  'transfer-held': {
    exit: 'failed',
    message:
      'Another process of Sealane is at this transfer and does not answer. Nothing was changed; end that process, then try again.',
  },
  'transfer-running': {
    exit: 'usage',
    message: 'This transfer is running. Pause it before you choose another folder for it.',
  },
  'transfer-arrived': {
    exit: 'failed',
    message:
      'All of this has arrived, and is being put under its name. It stays in its folder; once that can be used, it is done.',
  },
  'transfer-unfinished': {
    exit: 'usage',
    message: 'This transfer is not over. Cancel it before it can be removed from the list.',
  },
  expired: {
    exit: 'failed',
    message:
      'Nothing had happened to this transfer for so long that it was given up, and what had arrived of it was removed. Send it again.',
  },
  'unknown-transfer': { exit: 'usage', message: 'There is no such transfer, or it has ended.' },
  'offer-changed': {
    exit: 'failed',
    message: 'This is no longer the offer that you were shown. Look at the new one before you answer.',
  },
  'unknown-invite': { exit: 'usage', message: 'There is no such invite.' },
  'call-refused': {
    exit: 'failed',
    message: 'The window asked for something it may not do. Nothing was done; please report it.',
  },
  'update-refused': {
    exit: 'failed',
    message: 'The update that was offered was not made by the makers of Sealane. It was not installed.',
  },
  'update-expired': {
    exit: 'failed',
    message:
      'The update offered is too old to be relied on, or the clock of this computer is wrong. ' +
      'Nothing was installed. Check date and time; if they are right, try again tomorrow.',
  },
  'update-failed': {
    exit: 'failed',
    message: 'Looking for an update, or installing it, failed. Try again later.',
  },
  internal: {
    wire: 99,
    exit: 'failed',
    message: 'Something went wrong inside Sealane. Please report it.',
    ofPeer: 'Something went wrong on the other device, or it said what this version does not know.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof table;

/** The table with its literal keys, each entry of one shape. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorEntry>> = table;

/** All codes, for schemas and tests. */
export const ERROR_CODES = Object.keys(table).filter((code): code is ErrorCode => code in table);

const byWireNumber = new Map<number, ErrorCode>();
for (const code of ERROR_CODES) {
  const { wire } = ERRORS[code];
  if (wire !== undefined) byWireNumber.set(wire, code);
}

/** The number under which an error travels; what has none of its own travels as `internal`, so that nothing private leaks. */
export function wireNumber(code: ErrorCode): number {
  return ERRORS[code].wire ?? 99;
}

/** The code of a number a peer sent; a number from a newer version becomes `internal`. */
export function codeOfWireNumber(number: number): ErrorCode {
  return byWireNumber.get(number) ?? 'internal';
}

/** An error with a code of the table. `detail` is a short technical hint for the log, never shown to a peer and never secret. */
export class SealaneError extends Error {
  override readonly name = 'SealaneError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  /** True when the other device said it, so that the sentence is told from its point of view. */
  readonly fromPeer: boolean;

  constructor(code: ErrorCode, options: { detail?: string; cause?: unknown; fromPeer?: boolean } = {}) {
    const { message, ofPeer = message } = ERRORS[code];
    const told = options.fromPeer === true ? ofPeer : message;
    super(told, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.fromPeer = options.fromPeer ?? false;
  }

  get exitCode(): number {
    return EXIT_CODES[ERRORS[this.code].exit];
  }
}

/** Any thrown value as a `SealaneError`; what is not one becomes `fallback` with the original as its cause. */
export function asSealaneError(error: unknown, fallback: ErrorCode = 'internal'): SealaneError {
  if (error instanceof SealaneError) return error;
  return new SealaneError(fallback, {
    cause: error,
    detail: error instanceof Error ? error.name : typeof error,
  });
}
