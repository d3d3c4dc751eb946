/** The part of the table in errors.ts that is about invites and pairing. */
export const PAIRING_ERRORS = {
  'invite-malformed': {
    wire: 1,
    exit: 'failed',
    message: 'This is not a Sealane invite, or part of it is missing. Copy the whole link and try again.',
  },
  'invite-expired': {
    wire: 2,
    exit: 'failed',
    message:
      'This invite has expired. Make a new one on the other device; if it is new, the clock of one of them is wrong.',
  },
  'invite-used': {
    wire: 3,
    exit: 'failed',
    message: 'This invite was already used. Make a new one on the other device.',
  },
  'invite-revoked': {
    wire: 4,
    exit: 'failed',
    message: 'This invite was withdrawn. Make a new one on the other device.',
  },
  'invite-wrong-audience': {
    wire: 5,
    exit: 'failed',
    message: 'This token was made for something else than pairing. Ask for a Sealane invite.',
  },
  'invite-bad-signature': {
    wire: 6,
    exit: 'failed',
    message: 'This invite was changed or signed by somebody else. Do not use it; make a new one.',
  },
  'invite-bad-algorithm': {
    wire: 7,
    exit: 'failed',
    message: 'This invite is signed in a way Sealane does not accept. Do not use it; make a new one.',
  },
  'invite-unknown': {
    wire: 8,
    exit: 'failed',
    message: 'The other device does not know this invite. Make a new one there.',
  },
  'invite-own': {
    exit: 'failed',
    message: 'This invite was made on this very device. Open it on the other one.',
  },
  'invite-proof-failed': {
    wire: 9,
    exit: 'failed',
    message: 'The other device could not prove that it holds this invite. Make a new one.',
  },
  'invite-wrong-server': {
    wire: 10,
    exit: 'untrusted',
    message:
      'The device that answered is not the one that made the invite. Somebody may be in between; do not go on.',
  },
  'code-mismatch': {
    wire: 11,
    exit: 'untrusted',
    message:
      'The codes were not the same, so the devices were not paired. Somebody may be in between; try again on a network you trust.',
  },
  'pairing-cancelled': { wire: 12, exit: 'cancelled', message: 'Pairing was cancelled.' },
  'pairing-timeout': {
    wire: 13,
    exit: 'failed',
    message: 'Nobody confirmed the code in time. Start pairing again.',
  },
  'pairing-not-open': {
    wire: 14,
    exit: 'failed',
    message: 'The other device is not waiting for a pairing. Make a new invite there and keep it open.',
  },
  'too-many-attempts': {
    wire: 15,
    exit: 'failed',
    message:
      'Too many attempts to pair with the other device have failed. Wait a minute, then try again with a new invite.',
  },
} as const;
