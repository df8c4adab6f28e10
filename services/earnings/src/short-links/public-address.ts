import { BlockList, isIP } from 'node:net';

/**
 * IPv4 ranges that are not the public Internet (IANA special-purpose registry), and why a name of a
 * platform must not lead there.
 */
const NOT_PUBLIC_V4: [network: string, prefix: number][] = [
  ['0.0.0.0', 8], // this host
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT; also used inside clouds
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local; the metadata service of most clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
];

/**
 * IPv6 is refused but for these: what is handed out to the public, and IPv4 through NAT64, as
 * networks without IPv4 see it.
 */
const PUBLIC_V6: [network: string, prefix: number][] = [
  ['2000::', 3],
  ['64:ff9b::', 96],
];

const NOT_PUBLIC_V6: [network: string, prefix: number][] = [
  ['2001::', 23], // protocol assignments, Teredo among them, which carries an IPv4 address
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which carries an IPv4 address
  ['3fff::', 20], // documentation
  ...NOT_PUBLIC_V4.map(([network, prefix]): [string, number] => [
    `64:ff9b::${network}`,
    96 + prefix,
  ]),
];

const notPublicV4 = new BlockList();
for (const [network, prefix] of NOT_PUBLIC_V4) notPublicV4.addSubnet(network, prefix, 'ipv4');
const publicV6 = new BlockList();
for (const [network, prefix] of PUBLIC_V6) publicV6.addSubnet(network, prefix, 'ipv6');
const notPublicV6 = new BlockList();
for (const [network, prefix] of NOT_PUBLIC_V6) notPublicV6.addSubnet(network, prefix, 'ipv6');

/**
 * Whether an IP address belongs to the public Internet. Anything that is not an IP address does
 * not.
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !notPublicV4.check(address, 'ipv4');
  return family === 6 && publicV6.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6');
}
