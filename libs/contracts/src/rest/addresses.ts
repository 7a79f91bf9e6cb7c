import { z } from 'zod';

const ADDRESSES_MAX = 32;
const WIDTH = { 4: 32, 6: 128 } as const;
const WRONG = 'must be an IPv4 or IPv6 address, or a range such as 203.0.113.0/24';

interface Network {
  readonly version: 4 | 6;
  readonly bits: bigint;
  /** Of its bits, how many an address in it shares with it. */
  readonly length: number;
}

/**
 * Where a key works from: at most 32 IPv4 and IPv6 addresses and CIDR ranges, each in its one spelling, once. A range with bits
 * beyond its length is refused, not rounded down: it may have been meant as one address.
 */
export const addresses = z
  .array(
    z
      .string()
      .trim()
      .max(64, { abort: true })
      .check((field) => {
        const network = read(field.value);
        const wrong = typeof network === 'string' ? network : excess(network);
        if (wrong !== undefined) field.issues.push({ code: 'custom', message: wrong, input: field.value });
        if (typeof network === 'object') field.value = write(network);
      })
      .meta({ examples: ['203.0.113.7', '203.0.113.0/24', '2001:db8::/32'] }),
  )
  .max(ADDRESSES_MAX)
  .overwrite((all) => [...new Set(all)]);

/** @returns what is wrong with it, when it is none. */
function read(text: string): Network | string {
  const [address = '', after, ...more] = text.split('/');
  const version = z.regexes.ipv4.test(address) ? 4 : 6;
  const bits = version === 4 ? bitsOfIpv4(address) : bitsOfIpv6(address);
  if (bits === undefined || more.length > 0) return WRONG;
  if (after !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(after) || Number(after) > WIDTH[version]))
    return `must end in /0 to /${WIDTH[version]} to be a range`;
  return unmapped({ version, bits, length: after === undefined ? WIDTH[version] : Number(after) });
}

/** `::ffff:203.0.113.7` is how IPv6 writes the IPv4 address in it. */
function unmapped(network: Network): Network {
  const { version, bits, length } = network;
  return version === 6 && bits >> 32n === 0xffffn && length >= 96
    ? { version: 4, bits: bits & 0xffffffffn, length: length - 96 }
    : network;
}

function excess(network: Network): string | undefined {
  const beyond = BigInt(WIDTH[network.version] - network.length);
  const bits = (network.bits >> beyond) << beyond;
  if (bits === network.bits) return undefined;
  return `has bits beyond its /${network.length}: write ${write({ ...network, bits })} for the range, or ${write({ ...network, length: WIDTH[network.version] })} for the one address`;
}

function write({ version, bits, length }: Network): string {
  const address =
    version === 4
      ? groups(bits, 4, 8n).join('.')
      : canonical(
          groups(bits, 8, 16n)
            .map((group) => group.toString(16))
            .join(':'),
        );
  return length === WIDTH[version] ? address : `${address}/${length}`;
}

const groups = (bits: bigint, count: number, width: bigint): bigint[] =>
  Array.from({ length: count }, (_, i) => (bits >> (width * BigInt(count - 1 - i))) & ((1n << width) - 1n));

const bitsOfIpv4 = (address: string) => address.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);

function bitsOfIpv6(address: string): bigint | undefined {
  if (!/^[\da-f:.]+$/i.test(address) || !URL.canParse(`http://[${address}]`)) return undefined;
  const [head = [], tail = []] = canonical(address)
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  return [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail].reduce(
    (bits, group) => (bits << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

/** As RFC 5952 has it, all groups in hex: the way in which URLs write it. */
const canonical = (address: string) => new URL(`http://[${address}]`).hostname.slice(1, -1);
