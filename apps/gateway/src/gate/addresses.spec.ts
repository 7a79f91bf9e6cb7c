import fc from 'fast-check';
import { allows } from './addresses.ts';

const ipv4 = (bits: number) => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
const ipv6 = (bits: bigint) =>
  Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':');
const shared = (a: bigint, b: bigint, width: number) => width - (a ^ b).toString(2).replace(/^0$/, '').length;

describe('where a key may be used from', () => {
  it('is anywhere when it is bound to nothing', () => {
    for (const address of ['203.0.113.7', '2001:db8::7', '', 'nonsense']) expect(allows([], address)).toBe(true);
  });

  it.each([
    [['203.0.113.7'], '203.0.113.7'],
    [['203.0.113.0/24'], '203.0.113.255'],
    [['198.51.100.1', '203.0.113.0/24'], '203.0.113.0'],
    [['0.0.0.0/0'], '255.255.255.255'],
    [['203.0.113.7'], '::ffff:203.0.113.7'],
    [['203.0.113.0/24'], '::FFFF:cb00:7107'],
    [['2001:db8::7'], '2001:0DB8:0::7'],
    [['2001:db8::/32'], '2001:db8:ffff::'],
    [['::/0'], '2001:db8::7'],
    [['fe80::/10'], 'fe80::1%eth0'],
    [['127.0.0.1', '::1'], '::1'],
  ])('%j lets in %j', (addresses, address) => {
    expect(allows(addresses, address)).toBe(true);
  });

  it.each([
    [['203.0.113.7'], '203.0.113.8'],
    [['203.0.113.0/24'], '203.0.114.0'],
    [['198.51.100.1', '203.0.113.0/24'], '198.51.100.2'],
    [['2001:db8::7'], '2001:db8::8'],
    [['2001:db8::/32'], '2001:db9::'],
    // Each version is ruled by its own ranges alone.
    [['::/0'], '203.0.113.7'],
    [['::/0'], '::ffff:203.0.113.7'],
    [['::/64'], '203.0.113.7'],
    [['0.0.0.0/0'], '2001:db8::7'],
    [['203.0.113.7'], '::203.0.113.7'],
    // What a proxy may write where an address should be.
    [['0.0.0.0/0', '::/0'], ''],
    [['0.0.0.0/0', '::/0'], 'unknown'],
    [['0.0.0.0/0', '::/0'], '203.0.113.7:443'],
    [['0.0.0.0/0', '::/0'], '203.0.113.7, 203.0.113.8'],
    [['0.0.0.0/0', '::/0'], '[2001:db8::7]'],
    [['0.0.0.0/0', '::/0'], ' 203.0.113.7'],
    [['0.0.0.0/0', '::/0'], '203.0.113.007'],
  ])('%j keeps out %j', (addresses, address) => {
    expect(allows(addresses, address)).toBe(false);
  });

  it('is a range exactly when as many first bits are the same, for IPv4 in both of its spellings', () => {
    const bits = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(bits, fc.nat(32), fc.nat(32), fc.boolean(), (address, length, near, asIpv6) => {
        const base = length === 0 ? 0 : (address >>> (32 - length)) << (32 - length);
        const other = near === 32 ? address : (address ^ (0x80000000 >>> near)) >>> 0;
        expect(allows([`${ipv4(base)}/${length}`], `${asIpv6 ? '::ffff:' : ''}${ipv4(other)}`)).toBe(
          shared(BigInt(address), BigInt(other), 32) >= length,
        );
      }),
    );
  });

  it('is a range exactly when as many first bits are the same, for IPv6', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 128n) - 1n), fc.nat(128), fc.nat(128), (address, length, near) => {
        const beyond = BigInt(128 - length);
        const other = near === 128 ? address : address ^ (1n << BigInt(127 - near));
        fc.pre([address, other].every((each) => each >> 32n !== 0xffffn));
        expect(allows([`${ipv6((address >> beyond) << beyond)}/${length}`], ipv6(other))).toBe(
          shared(address, other, 128) >= length,
        );
      }),
    );
  });

  it('is any of them: more of them never keep out what fewer let in', () => {
    const networks = fc.array(
      fc.integer({ min: 0, max: 0xffff }).map((n) => `10.0.${n >>> 8}.${n & 255}`),
      { minLength: 1, maxLength: 31 },
    );
    fc.assert(
      fc.property(networks, fc.integer({ min: 0, max: 0xffff }), (list, n) => {
        const address = `10.0.${n >>> 8}.${n & 255}`;
        expect(allows(list, address)).toBe(list.includes(address));
        expect(allows([...list, address], address)).toBe(true);
      }),
    );
  });
});
