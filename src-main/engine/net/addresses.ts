import { BlockList, isIP, isIPv6 } from 'node:net';
import { MAX_ADDRESSES } from '../store/contract.ts';
import type { Address, DeviceRecord } from '../store/contract.ts';

/** What means this computer, or no one computer, to whoever dials it. */
const LOOPBACK = new BlockList();
addIpv4(LOOPBACK, '127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');
const NOBODYS = new BlockList();
addIpv4(NOBODYS, '0.0.0.0', 8);
addIpv4(NOBODYS, '169.254.0.0', 16);
addIpv4(NOBODYS, '224.0.0.0', 3);
NOBODYS.addAddress('::', 'ipv6');
NOBODYS.addSubnet('fe80::', 10, 'ipv6');
NOBODYS.addSubnet('ff00::', 8, 'ipv6');

/**
 * Where a device is that has dialled from `source` and said that `port` is open at `hosts`: there, and last, since it may be a relay, at the
 * source. The loopback address counts only where the source is one, too. None for port 0.
 */
export function saidAddresses(
  { hosts, port }: { readonly hosts: readonly string[]; readonly port: number },
  source: string,
): readonly Address[] {
  if (port === 0) return [];
  const isHere = contains(LOOPBACK, source);
  const usable = hosts.filter((host) => (contains(LOOPBACK, host) ? isHere : !contains(NOBODYS, host)));
  return [...new Set([...usable, ...(isIP(source) === 0 ? [] : [source])])].map((host) => ({ host, port }));
}

/**
 * Adds IPv4 addresses in all their writings: as they are (and as `::ffff:0:0/96`, which a `BlockList` knows by itself), IPv4-compatible,
 * translated (RFC 2765), for NAT64 (RFC 6052) and for 6to4 (RFC 3056).
 */
function addIpv4(list: BlockList, network: string, prefix: number): void {
  list.addSubnet(network, prefix, 'ipv4');
  for (const before of ['::', '::ffff:0:', '64:ff9b::'])
    list.addSubnet(`${before}${network}`, 96 + prefix, 'ipv6');
  const bytes = network.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  list.addSubnet(`2002:${bytes.slice(0, 2).join('')}:${bytes.slice(2).join('')}::`, 16 + prefix, 'ipv6');
}

/** A host with a zone is looked at without it; what is no IP address is in no list. */
function contains(list: BlockList, host: string): boolean {
  const [plain = ''] = host.split('%');
  return isIP(plain) !== 0 && list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

/**
 * In the order to dial them: where the device was reached last, then what it said itself, then where it was reached before. Not bounded
 * by each other: what is only said cannot take the place of what once led to the device, nor the other way round.
 */
export function addressesOf({
  addresses: [latest, ...older],
  said = [],
}: Pick<DeviceRecord, 'addresses' | 'said'>): readonly Address[] {
  return latest === undefined ? said : [latest, ...said, ...older];
}

/** `known` with `latest` at the front, each once, at most `MAX_ADDRESSES`. */
export function rememberAddress(known: readonly Address[], latest: Address): readonly Address[] {
  const others = known.filter((address) => address.host !== latest.host || address.port !== latest.port);
  return [latest, ...others].slice(0, MAX_ADDRESSES);
}
