import { ConfigError } from './config.ts';
import { randomSecret } from '#local-servers';
import { refuseSamples } from './sample-secrets.ts';

describe('refuseSamples', () => {
  it.each([
    ['INSTALLATION_KEY', 'A'.repeat(43)],
    ['MASTER_KEY', '0123456789'.repeat(5).slice(0, 43)],
    ['MASTER_KEY', 'change-me'],
    ['DATABASE_URL', 'postgres://identity:identity@postgres:5432/identity'],
    ['OWNER_DATABASE_URL', 'postgres://postgres:postgres@postgres:5432/postgres'],
    ['PERSON_KEYS_DATABASE_URL', 'postgres://identity:changeme@postgres:5432/person_keys'],
    ['SMTP_URL', 'smtp://mail:password@mail.example.com:587'],
  ])('refuses a sample in %s outside development, and does not repeat it', (name, value) => {
    expect(() => {
      refuseSamples({ [name]: value }, false);
    }).toThrow(ConfigError);
    expect(() => {
      refuseSamples({ [name]: value }, false);
    }).toThrow(new RegExp(`^${name}: holds a sample`));
    expect(() => {
      refuseSamples({ [name]: value }, true);
    }).not.toThrow();
  });

  it('takes what is random, an address without a password, and what is no secret', () => {
    for (let n = 0; n < 1_000; n++)
      refuseSamples({ INSTALLATION_KEY: randomSecret(), MASTER_KEY: randomSecret() }, false);
    refuseSamples(
      {
        DATABASE_URL: `postgres://identity:${randomSecret()}@postgres:5432/identity`,
        OWNER_DATABASE_URL: 'postgres://owner@postgres/identity',
        SMTP_URL: 'smtp://mail-catcher:2525',
        POSTGRES_USER: 'postgres',
      },
      false,
    );
  });
});
