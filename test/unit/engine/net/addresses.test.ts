import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesOf, rememberAddress, saidAddresses } from '../../../../src-main/engine/net/addresses.ts';
import { MAX_ADDRESSES } from '../../../../src-main/engine/store/contract.ts';

describe('the addresses of another device', () => {
  it.each(['169.254.169.254', 'fe80::1', '224.0.0.1', '0.0.0.0', '127.0.0.1'])(
    'are none that it only says, where they mean one link, everybody or this computer: %s',
    (host) => {
      const hosts = [host, '192.0.2.9'];
      expect(saidAddresses({ hosts, port: 4000 }, '192.0.2.7').map((address) => address.host)).toEqual([
        '192.0.2.9',
        '192.0.2.7',
      ]);
    },
  );

  it.each([
    '::127.0.0.1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2002:a9fe:a9fe::1',
    '64:ff9b::169.254.169.254',
    '::224.0.0.1',
    '::2',
  ])('are none that it only says, where they are another writing of such an address: %s', (host) => {
    const hosts = [host, '64:ff9b::192.0.2.9', '2002:c000:209::1'];
    expect(saidAddresses({ hosts, port: 4000 }, '192.0.2.7').map((address) => address.host)).toEqual([
      '64:ff9b::192.0.2.9',
      '2002:c000:209::1',
      '192.0.2.7',
    ]);
  });

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

describe('where another device says it is', () => {
  it('comes before where its connection came from, which may be a relay, each once', () => {
    const said = saidAddresses({ hosts: ['192.0.2.1', '2001:db8::1'], port: 7 }, '198.51.100.9');
    expect(said.map(({ host }) => host)).toEqual(['192.0.2.1', '2001:db8::1', '198.51.100.9']);
    expect(saidAddresses({ hosts: ['192.0.2.1'], port: 7 }, '192.0.2.1')).toEqual([
      { host: '192.0.2.1', port: 7 },
    ]);
  });

  it('is nowhere without a port, and nowhere that means this computer or many', () => {
    expect(saidAddresses({ hosts: ['192.0.2.1'], port: 0 }, '192.0.2.1')).toEqual([]);
    const hosts = [
      '127.0.0.1',
      '::1',
      '::ffff:127.0.0.1',
      '0.0.0.0',
      '::',
      '224.0.0.1',
      '255.255.255.255',
      'ff02::1',
      'fe80::1',
    ];
    expect(saidAddresses({ hosts, port: 7 }, '192.0.2.1')).toEqual([{ host: '192.0.2.1', port: 7 }]);
  });

  it('may be this computer when it dialled from here', () => {
    const said = saidAddresses({ hosts: ['::1', '192.0.2.1'], port: 7 }, '127.0.0.1');
    expect(said.map(({ host }) => host)).toEqual(['::1', '192.0.2.1', '127.0.0.1']);
  });

  it('is only the hosts where the source is unknown, or has a zone of this computer’s', () => {
    expect(saidAddresses({ hosts: ['192.0.2.1'], port: 7 }, '')).toEqual([{ host: '192.0.2.1', port: 7 }]);
    expect(saidAddresses({ hosts: [], port: 7 }, 'fe80::1%eth0')).toEqual([
      { host: 'fe80::1%eth0', port: 7 },
    ]);
  });

  it('takes the place of nothing that was reached, and nothing that was reached takes its place', () => {
    const address = fc.record({ host: fc.ipV4(), port: fc.integer({ min: 1, max: 65_535 }) });
    fc.assert(
      fc.property(
        fc.array(address, { maxLength: 8 }),
        fc.array(address, { maxLength: 9 }),
        (addresses, said) => {
          const all = addressesOf({ addresses, said });
          expect(all).toHaveLength(addresses.length + said.length);
          expect(all).toEqual(expect.arrayContaining([...addresses, ...said]));
          expect(all[0]).toEqual(addresses[0] ?? said[0]);
        },
      ),
    );
  });
});
