import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { MAX_HOSTS } from '../../../../shared/limits.ts';
import {
  hostsToTell,
  reachableAddresses,
  routedAddress,
} from '../../../../src-main/engine/net/own-addresses.ts';
import type { InterfaceAddress } from '../../../../src-main/engine/net/own-addresses.ts';

const on = (name: string, address: string): InterfaceAddress => ({ name, address, internal: false });

/** As many as an invite can name, and more, all there before the one of the network that people share. */
const bridges = Array.from({ length: MAX_HOSTS + 1 }, (_, n) => on(`br-${n}`, `172.${18 + n}.0.1`));

describe('the addresses of this device', () => {
  it('are the one it listens on', () => {
    expect(reachableAddresses('192.0.2.7', 4000, undefined)).toEqual([{ host: '192.0.2.7', port: 4000 }]);
  });

  it.each(['localhost', 'desk.example', 'fe80::1%eth0'])(
    'are none that means nothing, or another, elsewhere: %s',
    (host) => {
      expect(reachableAddresses(host, 4000, undefined)).toEqual([]);
    },
  );

  it('are those of its interfaces when it listens on all, and never link-local ones', () => {
    const addresses = reachableAddresses('::', 4000, undefined);
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.length).toBeLessThanOrEqual(MAX_HOSTS);
    for (const { host, port } of addresses) {
      expect(host.toLowerCase().startsWith('fe80')).toBe(false);
      expect(port).toBe(4000);
    }
  });

  it('name the local network, however many bridges of containers there are before it', () => {
    expect(hostsToTell([...bridges, on('wlan0', '192.168.1.20')], undefined)[0]).toBe('192.168.1.20');
  });

  it('name the one that leads out of the network first, whatever its interface is called', () => {
    const lans = Array.from({ length: MAX_HOSTS + 1 }, (_, n) => on(`lan${n}`, `10.${n}.0.1`));
    const hosts = hostsToTell([...lans, on('br-lan', '192.168.1.20')], '192.168.1.20');
    expect(hosts[0]).toBe('192.168.1.20');
    expect(hosts).toHaveLength(MAX_HOSTS);
  });

  it('have IPv4 before IPv6 among those of real interfaces, and tunnels behind both', () => {
    const all = [on('wg0', '10.8.0.2'), on('eth0', '2001:db8::7'), on('eth0', '192.168.1.20')];
    expect(hostsToTell(all, undefined)).toEqual(['192.168.1.20', '2001:db8::7', '10.8.0.2']);
  });
});

describe('the address that leads out of the network', () => {
  it('is one of this computer, where anything leads out', async () => {
    const own = Object.values(networkInterfaces()).flatMap((entries = []) =>
      entries.map(({ address }) => address),
    );
    expect([undefined, ...own]).toContain(await routedAddress());
  });
});
