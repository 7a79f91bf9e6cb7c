import { readConfig } from '#platform';
import { gatewayConfig } from './config.ts';

const told = {
  origin: 'https://id.example.com',
  peers: {},
  callerKeys: {},
  callerKey: '-----BEGIN PRIVATE KEY-----',
  installationKey: Buffer.alloc(32).toString('base64url'),
};
const read = (more: object = {}) => readConfig(gatewayConfig, { ...told, ...more });
const faults = (more: object) => {
  try {
    read(more);
    return [];
  } catch (error) {
    return (error as { faults: readonly string[] }).faults.map((fault) => fault.split(':', 1)[0]);
  }
};

describe('the configuration of a gateway', () => {
  it('is for this machine alone, without aids of development, unless it says otherwise', () => {
    expect(read()).toMatchObject({
      host: '127.0.0.1',
      internalHost: '127.0.0.1',
      development: false,
      keyPrefix: 'rck',
    });
    expect(read().internalPort).toBeUndefined();
    expect(read().trustedProxies).toBeUndefined();
  });

  it.each(['https://id.example.com', 'https://localhost.example.com', 'https://10.0.0.7'])(
    'has no aids of development on the public origin %s',
    (origin) => {
      expect(faults({ origin, development: true })).toEqual(['DEVELOPMENT']);
    },
  );

  it.each(['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080'])(
    'may have them on this machine: %s',
    (origin) => {
      expect(faults({ origin, development: true })).toEqual([]);
    },
  );

  it('takes the word about addresses of those alone who are named', () => {
    expect(read({ trustedProxies: '10.0.0.7,fd00::/8,loopback' }).trustedProxies).toEqual([
      '10.0.0.7',
      'fd00::/8',
      'loopback',
    ]);
    for (const trustedProxies of ['*', '', '10.0.0.7,', '10.0.0.7 10.0.0.8'])
      expect([trustedProxies, faults({ trustedProxies })]).toEqual([trustedProxies, ['TRUSTED_PROXIES']]);
  });

  it.each([
    ['origin', 'http://id.example.com'],
    ['origin', 'https://id.example.com/path'],
    ['keyPrefix', 'R_K'],
    ['installationKey', 'short'],
    ['verdictsMax', 5_000_001],
    ['port', 0],
  ])('does not begin with %s %s', (name, value) => {
    expect(faults({ [name]: value })).toHaveLength(1);
  });
});
