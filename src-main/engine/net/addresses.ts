import { networkInterfaces } from 'node:os';
import { MAX_ADDRESSES } from '../store/contract.ts';
import type { Address } from '../store/contract.ts';

const EVERY_INTERFACE = new Set(['0.0.0.0', '::', '']);

/**
 * Under which addresses this device may be reached: the one host it listens on, or those of all its network interfaces. The
 * loopback address is named only where it is the only one, since elsewhere it means another device.
 */
export function reachableAddresses(host: string, port: number): readonly Address[] {
  if (!EVERY_INTERFACE.has(host)) return [{ host, port }];
  const hosts: string[] = [];
  for (const entries of Object.values(networkInterfaces())) {
    for (const entry of entries ?? []) {
      const isLinkLocal = entry.family === 'IPv6' && entry.address.toLowerCase().startsWith('fe80');
      if (!entry.internal && !isLinkLocal) hosts.push(entry.address);
    }
  }
  hosts.sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
  if (hosts.length === 0) hosts.push('127.0.0.1');
  return hosts.slice(0, MAX_ADDRESSES).map((found) => ({ host: found, port }));
}

/** `known` with `latest` at the front, each once, at most `MAX_ADDRESSES`. */
export function rememberAddress(known: readonly Address[], latest: Address): readonly Address[] {
  const others = known.filter((address) => address.host !== latest.host || address.port !== latest.port);
  return [latest, ...others].slice(0, MAX_ADDRESSES);
}
