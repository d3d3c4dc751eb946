/** The numbers of `refuse`: docs/protocol.md, section 10. */

const numbers = /** @type {const} */ ({
  'invite-malformed': 1,
  'invite-expired': 2,
  'invite-used': 3,
  'invite-revoked': 4,
  'invite-wrong-audience': 5,
  'invite-bad-signature': 6,
  'invite-bad-algorithm': 7,
  'invite-unknown': 8,
  'invite-proof-failed': 9,
  'invite-wrong-server': 10,
  'code-mismatch': 11,
  'pairing-cancelled': 12,
  'pairing-timeout': 13,
  'pairing-not-open': 14,
  'too-many-attempts': 15,
  'not-trusted': 20,
  'device-forgotten': 21,
  'protocol-version': 22,
  'connection-stalled': 23,
  'frame-too-long': 30,
  'frame-unknown-type': 31,
  'frame-out-of-order': 32,
  'frame-malformed': 33,
  'chunk-forged': 40,
  'content-truncated': 41,
  'content-mismatch': 42,
  'name-refused': 43,
  'no-space': 44,
  'destination-unusable': 45,
  'destination-changed': 46,
  'too-many-files': 47,
  'profile-unusable': 48,
  declined: 50,
  cancelled: 51,
  busy: 52,
  paused: 53,
  'too-many-unfinished': 54,
  'offers-open': 55,
  'too-fast': 56,
  'not-receiving': 57,
  internal: 99,
});

/**
 * What ends a connection: an error of section 10, or one that has no number of its own.
 * @typedef {keyof typeof numbers | 'connection-lost' | 'tls-failed' | 'peer-key-mismatch'} Code
 */

export class Failure extends Error {
  /**
   * @param {Code} code
   * @param {'me' | 'peer'} by who found it
   */
  constructor(code, by = 'me') {
    super(by === 'me' ? code : `refused by the peer: ${code}`);
    this.code = code;
    this.by = by;
  }
}

/** @param {Code} code */
export function numberOf(code) {
  return new Map(Object.entries(numbers)).get(code) ?? numbers.internal;
}

/**
 * @param {number} number
 * @returns {Code}
 */
export function codeOf(number) {
  /** @type {[string, number][]} */
  const all = Object.entries(numbers);
  const name = all.find(([, each]) => each === number)?.[0];
  return isNumbered(name) ? name : 'internal';
}

/**
 * @param {string | undefined} name
 * @returns {name is keyof typeof numbers}
 */
function isNumbered(name) {
  return name !== undefined && Object.hasOwn(numbers, name);
}
