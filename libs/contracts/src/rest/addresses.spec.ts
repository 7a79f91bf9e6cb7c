import { BlockList } from 'node:net';
import fc from 'fast-check';
import { addresses } from './addresses.ts';

const read = (...texts: unknown[]) => addresses.parse(texts);
const wrong = (text: unknown) => addresses.safeParse([text]).error?.issues.map(({ path, message }) => [path, message]);

const ipv4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => parts.join('.'));
const ranges = fc
  .oneof(fc.tuple(ipv4, fc.nat(32)), fc.tuple(fc.ipV6(), fc.nat(128)))
  .map(([address, length]) => `${address}/${length}`);
/** What a range comes to, the suggested one when it has bits beyond its length. */
const rounded = (range: string): string =>
  read(/write (\S+) for the range/.exec(wrong(range)?.[0]?.[1] as string)?.[1] ?? range)[0] ?? '';

describe('addresses of a key', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7\t', '203.0.113.7'],
    ['203.0.113.7/32', '203.0.113.7'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::7', '2001:db8::7'],
    ['2001:0db8:0000:0000:0000:0000:0000:0007/128', '2001:db8::7'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['::/0', '::/0'],
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::/10', 'fe80::/10'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:cb00:7107', '203.0.113.7'],
    ['::ffff:203.0.113.0/120', '203.0.113.0/24'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['::203.0.113.7', '::cb00:7107'],
  ])('have one spelling: %j is %j', (text, spelling) => {
    expect(read(text)).toEqual([spelling]);
  });

  it.each([
    '',
    ' ',
    'localhost',
    'example.com',
    '203.0.113',
    '203.0.113.7.1',
    '203.0.113.256',
    '203.0.113.07',
    '0xcb.0.113.7',
    '3405803783',
    '203.0.113.*',
    '203.0.113.1-203.0.113.9',
    '203.0.113.7:443',
    '203.0.113.7,203.0.113.8',
    '203.0.113.7 203.0.113.8',
    '203.0.113.0/24/24',
    '/24',
    '２０３.0.113.7',
    '2001:db8',
    '2001:db8::1::2',
    '[2001:db8::7]',
    'fe80::1%eth0',
    '2001:db8::g',
    '::ffff:203.0.113.256',
    '1:2:3:4:5:6:7:8:9',
    '::/',
    '::]/0',
    'http://203.0.113.7',
  ])('are nothing else: %j', (text) => {
    expect(wrong(text)).toEqual([[[0], expect.stringMatching(/^must /)]]);
  });

  it.each([
    ['203.0.113.0/33', 32],
    ['203.0.113.0/', 32],
    ['203.0.113.0/08', 32],
    ['203.0.113.0/-1', 32],
    ['203.0.113.0/24.0', 32],
    ['203.0.113.0/255.255.255.0', 32],
    ['2001:db8::/129', 128],
    ['2001:db8::/1e1', 128],
  ])('say how a range ends: %j', (text, width) => {
    expect(wrong(text)).toEqual([[[0], `must end in /0 to /${width} to be a range`]]);
  });

  it.each([
    ['203.0.113.7/24', '203.0.113.0/24', '203.0.113.7'],
    ['203.0.113.7/0', '0.0.0.0/0', '203.0.113.7'],
    ['203.0.113.7/31', '203.0.113.6/31', '203.0.113.7'],
    ['2001:db8::7/32', '2001:db8::/32', '2001:db8::7'],
    ['::ffff:203.0.113.7/120', '203.0.113.0/24', '203.0.113.7'],
  ])(
    'are refused where a range has bits beyond its length, with what may have been meant: %j',
    (text, range, address) => {
      expect(wrong(text)).toEqual([
        [[0], expect.stringContaining(`write ${range} for the range, or ${address} for the one address`)],
      ]);
      expect(read(range, address)).toEqual([range, address]);
    },
  );

  it('are 32 at most, each once', () => {
    expect(addresses.parse([])).toEqual([]);
    expect(read('2001:db8::7', '203.0.113.7', '2001:DB8:0::7', '203.0.113.7/32')).toEqual([
      '2001:db8::7',
      '203.0.113.7',
    ]);
    expect(addresses.safeParse(Array.from({ length: 32 }, (_, i) => `203.0.113.${i}`)).success).toBe(true);
    expect(addresses.safeParse(Array.from({ length: 33 }, (_, i) => `203.0.113.${i}`)).success).toBe(false);
    for (const value of [null, 'localhost', '203.0.113.7', 7, { 0: '203.0.113.7' }, [null], [7], [['203.0.113.7']]])
      expect([value, addresses.safeParse(value).success]).toEqual([value, false]);
  });

  it('stay as they are when they are read again', () => {
    fc.assert(
      fc.property(ranges, (range) => {
        expect(read(rounded(range))).toEqual([rounded(range)]);
      }),
    );
  });

  it('hold what they held before they were spelled anew', () => {
    fc.assert(
      fc.property(ranges, (range) => {
        const [asked = '', length] = range.split('/');
        const [address = '', now] = rounded(range).split('/');
        const before = new BlockList();
        before.addSubnet(asked, Number(length), asked.includes(':') ? 'ipv6' : 'ipv4');
        expect(before.check(address, address.includes(':') ? 'ipv6' : 'ipv4')).toBe(true);
        if (asked.includes(':') === address.includes(':'))
          expect(Number(now ?? (asked.includes(':') ? 128 : 32))).toBe(Number(length));
      }),
    );
  });
});
