import { isIPv6 } from 'node:net';

/**
 * Whom an address stands for when strangers are counted: an IPv4 address itself, however it is written; of an IPv6 address the
 * first 64 bits, since whoever has one has the 2^64 beside it as well (RFC 6177). What is no address is counted as it is.
 */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address;
  const plain = address.split('%')[0] ?? '';
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (embedded === null) return first64Bits(plain);
  const [, before = '', ipv4 = ''] = embedded;
  return /^(0*:)*ffff:$/i.test(before) ? ipv4 : first64Bits(`${before}0:0`);
}

/** `2001:db8::1` → `2001:db8:0:0`. */
function first64Bits(address: string): string {
  const [left = '', right] = address.split('::');
  const head = wordsOf(left);
  const tail = right === undefined ? [] : wordsOf(right);
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return [...head, ...zeros, ...tail].slice(0, 4).join(':');
}

function wordsOf(text: string): string[] {
  return text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16).toString(16));
}
