import { isPublicAddress } from './public-address.ts';

describe('an address', () => {
  it.each(['8.8.8.8', '1.1.1.1', '2a00:1450:4001:82a::200e', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    'is public: %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    ['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1'],
    ['192.0.0.8', '192.0.2.1', '198.18.0.1', '203.0.113.5', '240.0.0.1', '255.255.255.255'],
    ['::', '::1', '::127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::808:808', '2002:7f00:1::', '2001::1'],
    ['fc00::1', 'fe80::1', 'fec0::1', 'ff02::1', '100::1', '2001:db8::1', '4000::1'],
    ['', 'localhost', '8.8.8', '0x7f.1', '8.8.8.8/32'],
  ])('is not public: %s and others of its kind', (...addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });
});
