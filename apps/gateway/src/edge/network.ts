import { isIPv6 } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * What limits count callers by: an IPv4 address, or the /64 of an IPv6 one. One subscriber is given a /64 (RFC 6177), so a limit by address
 * would leave them 2^64 tries.
 */
export function networkOf(address: string): string {
  const ipv4 = MAPPED.exec(address)?.[1];
  if (ipv4 !== undefined) return ipv4;
  const plain = address.split('%', 1)[0] ?? '';
  if (!isIPv6(plain)) return address;
  // A URL writes each address in one way: lower case, no leading zeros, the longest run of zeros left out.
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return `${[...groups, ...Array<string>(missing).fill('0'), ...(tail ? tail.split(':') : [])].slice(0, 4).join(':')}::/64`;
}
