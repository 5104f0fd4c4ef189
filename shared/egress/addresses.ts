import { BlockList, isIP } from 'node:net';

/** A block of addresses that nobody on the internet answers at. */
export interface Block {
  /** In CIDR notation. */
  readonly block: string;
  readonly name: string;
  /** Where an operator's own servers may stand; the others are never a server's address. */
  readonly own?: true;
}

/**
 * IANA's IPv4 special-purpose address registry, every entry that is not globally reachable, and multicast. The few
 * anycast addresses inside 192.0.0.0/24 that are reachable belong to protocols other than HTTP.
 */
export const NOT_GLOBAL_V4: readonly Block[] = [
  { block: '0.0.0.0/8', name: 'this network' },
  { block: '10.0.0.0/8', name: 'private use', own: true },
  { block: '100.64.0.0/10', name: 'shared address space', own: true },
  { block: '127.0.0.0/8', name: 'loopback', own: true },
  // Cloud providers' metadata, which hands out credentials, is at 169.254.169.254.
  { block: '169.254.0.0/16', name: 'link-local' },
  { block: '172.16.0.0/12', name: 'private use', own: true },
  { block: '192.0.0.0/24', name: 'protocol assignments' },
  { block: '192.0.2.0/24', name: 'documentation' },
  { block: '192.31.196.0/24', name: 'AS112' },
  { block: '192.52.193.0/24', name: 'AMT' },
  { block: '192.88.99.0/24', name: '6to4 relay' },
  { block: '192.168.0.0/16', name: 'private use', own: true },
  { block: '192.175.48.0/24', name: 'AS112' },
  { block: '198.18.0.0/15', name: 'benchmarking' },
  { block: '198.51.100.0/24', name: 'documentation' },
  { block: '203.0.113.0/24', name: 'documentation' },
  { block: '224.0.0.0/4', name: 'multicast' },
  { block: '240.0.0.0/4', name: 'reserved' },
  // Not in the registry: looks public, and is the host of every virtual machine of one large cloud.
  { block: '168.63.129.16/32', name: 'cloud host' },
];

/** All that IANA has given out as global unicast. What lies outside is refused without a list. */
const GLOBAL_UNICAST_V6 = '2000::/3';

/** What is not globally reachable within 2000::/3, and, to be named, the best known blocks outside of it. */
export const NOT_GLOBAL_V6: readonly Block[] = [
  { block: '::/128', name: 'unspecified' },
  { block: '::1/128', name: 'loopback', own: true },
  // Forms of IPv4 addresses: each would need a second look at what it stands for, and no server has only these.
  { block: '::ffff:0:0/96', name: 'IPv4-mapped' },
  { block: '64:ff9b::/96', name: 'NAT64' },
  { block: '64:ff9b:1::/48', name: 'NAT64' },
  { block: '2001::/23', name: 'protocol assignments' },
  { block: '2001:db8::/32', name: 'documentation' },
  { block: '2002::/16', name: '6to4' },
  { block: '2620:4f:8000::/48', name: 'AS112' },
  { block: '3fff::/20', name: 'documentation' },
  { block: 'fc00::/7', name: 'unique local', own: true },
  { block: 'fe80::/10', name: 'link-local' },
  { block: 'ff00::/8', name: 'multicast' },
];

/**
 * Why nothing may be sent to an address; undefined where something may. `allowPrivate` opens the networks that an
 * operator's own servers stand in, and never link-local or reserved ones.
 */
export function refusalOf(address: string, allowPrivate: boolean): string | undefined {
  switch (isIP(address)) {
    case 4:
      return refusedBy(V4, address, 'ipv4', allowPrivate);
    case 6:
      // A zone picks an interface of this machine.
      if (address.includes('%')) return 'scoped';
      return (
        refusedBy(V6, address, 'ipv6', allowPrivate) ?? (isOutside(address, allowPrivate) ? 'reserved' : undefined)
      );
    default:
      return 'not an address';
  }
}

type Checked = Block & { readonly list: BlockList };

const checked = (family: 'ipv4' | 'ipv6', blocks: readonly Block[]): readonly Checked[] =>
  blocks.map((b) => ({ ...b, list: listOf(b.block, family) }));

function listOf(block: string, family: 'ipv4' | 'ipv6'): BlockList {
  const [network = '', prefix] = block.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list;
}

const V4 = checked('ipv4', NOT_GLOBAL_V4);
const V6 = checked('ipv6', NOT_GLOBAL_V6);
const UNICAST_V6 = listOf(GLOBAL_UNICAST_V6, 'ipv6');

const refusedBy = (blocks: readonly Checked[], address: string, family: 'ipv4' | 'ipv6', allowPrivate: boolean) =>
  blocks.find(({ list, own }) => !(own && allowPrivate) && list.check(address, family))?.name;

const isOutside = (address: string, allowPrivate: boolean) =>
  !UNICAST_V6.check(address, 'ipv6') &&
  !(allowPrivate && V6.some(({ list, own }) => own && list.check(address, 'ipv6')));
