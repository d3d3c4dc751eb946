import { describe, expect, it } from 'vitest';
import { reachableAddresses, rememberAddress } from '../../../../src-main/engine/net/addresses.ts';
import { MAX_ADDRESSES } from '../../../../src-main/engine/store/contract.ts';

describe('the addresses of this device', () => {
  it('are the one it listens on', () => {
    expect(reachableAddresses('192.0.2.7', 4000)).toEqual([{ host: '192.0.2.7', port: 4000 }]);
  });

  it('are those of its interfaces when it listens on all, and never link-local ones', () => {
    const addresses = reachableAddresses('::', 4000);
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.length).toBeLessThanOrEqual(MAX_ADDRESSES);
    for (const { host, port } of addresses) {
      expect(host.toLowerCase().startsWith('fe80')).toBe(false);
      expect(port).toBe(4000);
    }
  });
});

describe('the addresses of another device', () => {
  it('have the latest in front, each once, and a bound', () => {
    const at = (n: number) => ({ host: `192.0.2.${String(n)}`, port: 4000 });
    let known = [at(1), at(2)];
    known = [...rememberAddress(known, at(2))];
    expect(known).toEqual([at(2), at(1)]);
    for (let i = 10; i < 30; i += 1) known = [...rememberAddress(known, at(i))];
    expect(known).toHaveLength(MAX_ADDRESSES);
    expect(known[0]).toEqual(at(29));
  });
});
