import { describe, expect, it } from 'vitest';
import { addressGroup } from '../../../../src-main/engine/net/address-group.ts';

describe('addresses that count as one', () => {
  it.each([
    ['an IPv4 address is itself', '192.0.2.7', '192.0.2.7'],
    ['an IPv4 address that came through an IPv6 socket', '::ffff:192.0.2.7', '192.0.2.7'],
    ['the same written out', '0:0:0:0:0:FFFF:192.0.2.7', '192.0.2.7'],
    ['an IPv6 address is its network', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['another of that network', '2001:DB8:0001:2::9', '2001:db8:1:2'],
    ['zeros left out in front', '::1', '0:0:0:0'],
    ['zeros left out in the middle', '2001:db8::1', '2001:db8:0:0'],
    ['zeros left out at the end', '2001:db8:1:2::', '2001:db8:1:2'],
    ['a zone is no part of it', 'fe80::1%eth0', 'fe80:0:0:0'],
    ['IPv4 behind another prefix', '64:ff9b::192.0.2.7', '64:ff9b:0:0'],
    ['what is no address', '', ''],
  ])('%s', (_what, address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});
