import { describe, expect, it } from 'vitest';
import { formatHostPort, parseHostPort } from '../../src-main/host-port.ts';

describe('parseHostPort', () => {
  it.each([
    ['127.0.0.1:7400', '127.0.0.1', 7400],
    ['0.0.0.0:0', '0.0.0.0', 0],
    ['localhost:65535', 'localhost', 65_535],
    ['my-box.local.:80', 'my-box.local.', 80],
    ['_x1:80', '_x1', 80],
    ['[::1]:7400', '::1', 7400],
    ['[::]:0', '::', 0],
    ['[fe80::1%eth0]:7400', 'fe80::1%eth0', 7400],
  ])('reads %s', (text, host, port) => {
    expect(parseHostPort(text, 0)).toEqual({ host, port });
  });

  it.each([
    '',
    ':7400',
    'host',
    'host:',
    'host:port',
    'host:-1',
    'a b:1',
    '-a:1',
    'a..b:1',
    'host:7400 ',
    'http://host:80',
    'host:123456',
    '300.1.1.1:80',
    '1.2.3:80',
  ])('refuses %j', (text) => {
    expect(() => parseHostPort(text, 0)).toThrow(RangeError);
  });

  it('knows what an IPv6 address without brackets was meant to be', () => {
    for (const text of ['fe80::1:7400', '::1', 'fe80::1%eth0', '2001:db8::7400'])
      expect(() => parseHostPort(text, 0)).toThrow(/brackets/);
  });

  it.each(['[127.0.0.1]:80', '[localhost]:80', '[]:80', '[::1:80', '::1]:80'])(
    'keeps brackets for IPv6: %s',
    (text) => {
      expect(() => parseHostPort(text, 0)).toThrow(RangeError);
    },
  );

  it.each(['192.168.1.20:7400', 'desk.local:80', '[fd00::20]:7400'])(
    'are written as they are read: %s',
    (text) => {
      expect(formatHostPort(parseHostPort(text, 1))).toBe(text);
    },
  );

  it('takes port 0 only where any port will do', () => {
    expect(() => parseHostPort('host:0', 1)).toThrow(/between 1 and 65535/);
    expect(() => parseHostPort('host:65536', 0)).toThrow(/between 0 and 65535/);
  });
});
