import { BlockList, isIP } from 'node:net';

type Contains = (address: string) => boolean;

/** By the list of a verdict, so that each verdict is compiled once and goes with it. */
const compiled = new WeakMap<readonly string[], Contains>();

/** `::ffff:203.0.113.7`: how a socket that speaks IPv6 shows an IPv4 address. */
const mapped = new BlockList();
mapped.addSubnet('::ffff:0:0', 96, 'ipv6');

/** Whether a key bound to these addresses and ranges may be used from `address`; bound to none, from anywhere. What is no address is nowhere. */
export function allows(addresses: readonly string[], address: string): boolean {
  if (addresses.length === 0) return true;
  let contains = compiled.get(addresses);
  if (contains === undefined) compiled.set(addresses, (contains = compile(addresses)));
  return contains(address);
}

/** One list for each version: in a list of both, Node finds IPv4 addresses in the IPv6 ranges around `::ffff:0:0/96`, too. */
function compile(addresses: readonly string[]): Contains {
  const ipv4 = new BlockList();
  const ipv6 = new BlockList();
  for (const network of addresses) {
    const [address = '', length] = network.split('/');
    const isIpv6 = address.includes(':');
    (isIpv6 ? ipv6 : ipv4).addSubnet(address, Number(length ?? (isIpv6 ? 128 : 32)), isIpv6 ? 'ipv6' : 'ipv4');
  }
  return (address) => {
    switch (isIP(address)) {
      case 4:
        return ipv4.check(address, 'ipv4');
      case 6:
        return (mapped.check(address, 'ipv6') ? ipv4 : ipv6).check(address, 'ipv6');
      default:
        return false;
    }
  };
}
