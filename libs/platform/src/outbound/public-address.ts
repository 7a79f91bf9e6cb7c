import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

const GLOBAL = ipaddr.IPv6.parseCIDR('2000::/3');
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** Whether everybody on the internet means the same host by this address; false also for what is no address. IPv4 inside IPv6 is judged as IPv4. */
export function isPublicAddress(text: string): boolean {
  if (isIP(text) === 0) return false;
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast';
  // Where a network has IPv6 alone, its DNS gives each IPv4 host such an address: the host behind it is what counts.
  if (address.match(NAT64)) return isPublicAddress(ipaddr.fromByteArray(address.toByteArray().slice(12)).toString());
  // The second list is a list of exceptions, and silent about ::127.0.0.1, for one.
  return address.match(GLOBAL) && address.range() === 'unicast';
}
