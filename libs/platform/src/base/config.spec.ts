import { createPublicKey } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError, environment, readConfig, readTogether, serviceConfig, toEnvironment } from './config.ts';
import { makeKeyPair } from '#local-servers';

const { privateKey, publicKey } = makeKeyPair();
const oneLine = (pem: string) => pem.replaceAll('\n', '\\n');
const read = (env: NodeJS.ProcessEnv) => environment(env, serviceConfig);

function faults(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('environment', () => {
  it('takes what stands in a file where a variable names one, and only one of the two', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'rollcall-config-')), 'key');
    writeFileSync(file, `${oneLine(privateKey)}\n`);
    expect(read({ CALLER_KEY_FILE: file })).toEqual({ callerKey: privateKey });
    expect(faults(() => read({ CALLER_KEY_FILE: file, CALLER_KEY: privateKey }))).toEqual([
      'CALLER_KEY, CALLER_KEY_FILE: are both set. Leave one of them out',
    ]);
    expect(faults(() => read({ CALLER_KEY_FILE: `${file}-none` }))).toEqual([
      expect.stringContaining('CALLER_KEY_FILE: the file cannot be read'),
    ]);
  });

  it('takes a PEM in one line, as env files hold it, and as it is', () => {
    expect(read({ CALLER_KEY: oneLine(privateKey) })).toEqual({ callerKey: privateKey });
    expect(read({ CALLER_KEY: privateKey })).toEqual({ callerKey: privateKey });
  });

  it.each([
    ['as JSON writes them', JSON.stringify({ gateway: publicKey })],
    [
      'made into ends of lines by the reader of the file',
      JSON.stringify({ gateway: publicKey }).replaceAll('\\n', '\n'),
    ],
    ['escaped twice', JSON.stringify({ gateway: oneLine(publicKey) })],
    ['in JSON of several lines', JSON.stringify({ gateway: publicKey }, null, 2)],
  ])('takes the PEMs of all callers with the ends of their lines %s', (_how, value) => {
    expect(read({ CALLER_KEYS: value })).toEqual({ callerKeys: { gateway: publicKey } });
  });

  it('reads from a file of Node what toEnvironment wrote into one line each', () => {
    const values = {
      callerKey: oneLine(privateKey),
      callerKeys: { gateway: publicKey },
      peers: { identity: 'identity:50051' },
    };
    const file = Object.entries(toEnvironment(values))
      .map(([name, value]) => `${name}=${value}\n`)
      .join('');
    expect(read(parseEnv(file) as NodeJS.ProcessEnv)).toEqual({ ...values, callerKey: privateKey });
  });

  it('takes an empty variable as one that is not set', () => {
    expect(read({ OPERATORS_FILE: '', PEERS: '' })).toEqual({});
  });
});

describe('readConfig', () => {
  it('names every fault at once with its mend, and no value', () => {
    const secret = 'a-secret-that-must-not-be-shown';
    const found = faults(() =>
      readConfig(
        serviceConfig,
        read({
          DATABASE_URL: `mysql://${secret}`,
          PEERS: `{"identity": ${secret}`,
          CALLER_KEY: secret,
          GRPC_ADDRESS: 'here',
          INSTALLATION_KEY: secret,
        }),
      ),
    );
    expect(found).toEqual([
      'DATABASE_URL: must look like postgres://role:password@host:5432/database',
      'GRPC_ADDRESS: must be host:port',
      'PEERS: must be JSON such as {"identity":"identity:50051"}, with every service',
      'CALLER_KEY: must be a PEM of PKCS #8',
      'CALLER_KEYS: must be JSON such as {"gateway":"-----BEGIN PUBLIC KEY-----…"}, with every service',
      expect.stringContaining('INSTALLATION_KEY: must be 32 bytes in base64url (43 characters)'),
    ]);
  });

  it('says of what is missing that it is not set', () => {
    expect(faults(() => readConfig(serviceConfig, {}))).toEqual(
      expect.arrayContaining(['GRPC_ADDRESS: is not set', 'CALLER_KEY: is not set']),
    );
  });
});

describe('readTogether', () => {
  it('names the faults of all that it reads', () => {
    const fault = (said: string) => () => {
      throw new ConfigError([said]);
    };
    expect(
      faults(() => readTogether({ one: fault('A: is not set'), two: () => 2, three: fault('B: is not set') })),
    ).toEqual(['A: is not set', 'B: is not set']);
  });

  it('lets a fault of ours through', () => {
    expect(() =>
      readTogether({
        one: () => {
          throw new TypeError('ours');
        },
      }),
    ).toThrow(TypeError);
  });
});

describe('makeKeyPair', () => {
  it('makes the halves of one key', () => {
    expect(publicKey).toBe(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
  });
});
