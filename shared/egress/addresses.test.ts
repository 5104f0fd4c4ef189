import { isIPv6 } from 'node:net';
import { describe, expect, it } from 'vitest';
import { NOT_GLOBAL_V4, NOT_GLOBAL_V6, refusalOf } from './addresses.ts';

describe('an address that a webhook may go to', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.0.3.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '198.51.99.255',
    '198.51.101.0',
    '203.0.112.255',
    '203.0.114.0',
    '223.255.255.255',
    '168.63.129.15',
    '2000::',
    '2001:200::',
    '2001:db7:ffff::1',
    '2001:db9::1',
    '2003::1',
    '2606:4700:4700::1111',
    '2a00:1450:4001::1',
    '3fff:1000::',
  ])('may be %s', (address) => {
    expect(refusalOf(address, false)).toBeUndefined();
  });

  it.each([
    ['0.0.0.0', 'this network'],
    ['0.255.255.255', 'this network'],
    ['10.0.0.0', 'private use'],
    ['10.255.255.255', 'private use'],
    ['100.64.0.0', 'shared address space'],
    ['100.100.100.200', 'shared address space'],
    ['100.127.255.255', 'shared address space'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.255', 'loopback'],
    ['169.254.0.0', 'link-local'],
    ['169.254.169.254', 'link-local'],
    ['169.254.255.255', 'link-local'],
    ['172.16.0.0', 'private use'],
    ['172.31.255.255', 'private use'],
    ['192.0.0.0', 'protocol assignments'],
    ['192.0.0.192', 'protocol assignments'],
    ['192.0.2.0', 'documentation'],
    ['192.88.99.1', '6to4 relay'],
    ['192.168.0.0', 'private use'],
    ['192.168.255.255', 'private use'],
    ['198.18.0.0', 'benchmarking'],
    ['198.19.255.255', 'benchmarking'],
    ['198.51.100.1', 'documentation'],
    ['203.0.113.255', 'documentation'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['240.0.0.0', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['168.63.129.16', 'cloud host'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::7f00:1', 'reserved'],
    ['::127.0.0.1', 'reserved'],
    ['::ffff:127.0.0.1', 'IPv4-mapped'],
    ['::ffff:a9fe:a9fe', 'IPv4-mapped'],
    ['0:0:0:0:0:ffff:8.8.8.8', 'IPv4-mapped'],
    ['::ffff:0:127.0.0.1', 'reserved'],
    ['64:ff9b::7f00:1', 'NAT64'],
    ['64:ff9b::a9fe:a9fe', 'NAT64'],
    ['64:ff9b:1::1', 'NAT64'],
    ['100::1', 'reserved'],
    ['100:0:0:1::1', 'reserved'],
    ['1fff:ffff::', 'reserved'],
    ['2001::1', 'protocol assignments'],
    ['2001:0:7f00:1::', 'protocol assignments'],
    ['2001:1ff:ffff::1', 'protocol assignments'],
    ['2001:db8::1', 'documentation'],
    ['2002:7f00:1::', '6to4'],
    ['2002:a9fe:a9fe::1', '6to4'],
    ['3fff::1', 'documentation'],
    ['4000::', 'reserved'],
    ['5f00::1', 'reserved'],
    ['fc00::1', 'unique local'],
    ['fd00:ec2::254', 'unique local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'scoped'],
    ['2606:4700::1%lo', 'scoped'],
    ['febf:ffff::', 'link-local'],
    ['fec0::1', 'reserved'],
    ['ff02::1', 'multicast'],
    ['', 'not an address'],
    ['localhost', 'not an address'],
    ['127.1', 'not an address'],
    ['0x7f.0.0.1', 'not an address'],
    ['0177.0.0.1', 'not an address'],
    ['2130706433', 'not an address'],
    ['[::1]', 'not an address'],
  ])('is never %s: %s', (address, why) => {
    expect(refusalOf(address, false)).toBe(why);
  });

  it.each([...NOT_GLOBAL_V4, ...NOT_GLOBAL_V6])('is outside of $block ($name)', ({ block }) => {
    expect(refusalOf(block.split('/')[0] ?? '', false)).toBeTypeOf('string');
  });
});

describe("an operator's own network", () => {
  it.each(['127.0.0.1', '10.1.2.3', '172.20.0.1', '192.168.1.1', '100.64.0.1', '::1', 'fd00::1', '1.1.1.1', '2606::1'])(
    'is open to %s where that is allowed',
    (address) => {
      expect(refusalOf(address, true)).toBeUndefined();
    },
  );

  it.each([
    '0.0.0.0',
    '169.254.169.254',
    '168.63.129.16',
    '192.0.0.192',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::ffff:127.0.0.1',
    '64:ff9b::a00:1',
    'fe80::1',
    'ff02::1',
    '4000::',
  ])('is never %s, even then', (address) => {
    expect(refusalOf(address, true)).toBeTypeOf('string');
  });

  it('is open by name of the block, and by nothing else', () => {
    const own = [...NOT_GLOBAL_V4, ...NOT_GLOBAL_V6].filter(
      (b) => refusalOf(b.block.split('/')[0] ?? '', true) === undefined,
    );
    expect(own.map((b) => b.block).filter((b) => !isIPv6(b.split('/')[0] ?? ''))).toEqual([
      '10.0.0.0/8',
      '100.64.0.0/10',
      '127.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
    ]);
    expect(own.map((b) => b.block).filter((b) => isIPv6(b.split('/')[0] ?? ''))).toEqual(['::1/128', 'fc00::/7']);
  });
});
