import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { SealaneError } from '../../../shared/errors.ts';
import { ipAddress } from '../../../shared/ip-address.ts';
import { MAX_HOSTS } from '../../../shared/limits.ts';
import type { Address } from '../store/contract.ts';

const EVERY_INTERFACE = new Set(['0.0.0.0', '::', '']);

/**
 * Interfaces of containers, virtual machines and tunnels: what is on the same LAN cannot dial their
 * addresses.
 */
const VIRTUAL =
  /^(?:docker|br-|veth|virbr|vmnet|vboxnet|lxc|lxd|cni|podman|tun|tap|utun|wg|zt|tailscale|vEthernet)/i;

/**
 * Of the documentation range (RFC 5737): no packet is sent there, the system is only asked which way it would
 * go.
 */
const FAR = { address: '192.0.2.1', port: 9 };

/** One address of one network interface, as the system lists them. */
export interface InterfaceAddress {
  readonly name: string;
  readonly address: string;
  readonly internal: boolean;
}

/** The IP address of a host that this device's user has named to listen on. Throws `listen-failed`. */
export async function ipOf(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    throw new SealaneError('listen-failed', { cause });
  }
}

/**
 * Under which addresses this device may be reached: the one host it listens on, or those of all its network
 * interfaces. IP addresses that mean the same elsewhere, and nothing else: no name, no link-local address
 * (which needs a zone), and the loopback address only where it is the only one. `routed` is what
 * `routedAddress` gave.
 */
export function reachableAddresses(
  host: string,
  port: number,
  routed: string | undefined,
): readonly Address[] {
  if (!EVERY_INTERFACE.has(host)) return ipAddress.safeParse(host).success ? [{ host, port }] : [];
  const all = Object.entries(networkInterfaces()).flatMap(([name, entries = []]) =>
    entries.map(({ address, internal }) => ({ name, address, internal })),
  );
  const hosts = hostsToTell(all, routed);
  return (hosts.length === 0 ? ['127.0.0.1'] : hosts).map((found) => ({ host: found, port }));
}

/**
 * At most `MAX_HOSTS` of a computer's addresses, the likeliest first: the address `routed` that leads out of
 * this network, those of real interfaces, those of virtual ones; IPv4 before IPv6 in each.
 */
export function hostsToTell(all: readonly InterfaceAddress[], routed: string | undefined): readonly string[] {
  const usable = all.filter(
    ({ address, internal }) => !internal && !address.toLowerCase().startsWith('fe80'),
  );
  const rank = ({ name, address }: InterfaceAddress): number => {
    if (address === routed) return 0;
    return (VIRTUAL.test(name) ? 3 : 1) + Number(address.includes(':'));
  };
  return [...usable]
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MAX_HOSTS)
    .map(({ address }) => address);
}

/**
 * The IPv4 address that this computer leaves its network with; undefined where nothing leads out. Sends
 * nothing.
 */
export async function routedAddress(): Promise<string | undefined> {
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(FAR.port, FAR.address, resolve);
    });
    return socket.address().address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}
