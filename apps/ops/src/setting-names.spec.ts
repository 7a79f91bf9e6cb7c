import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { misspelt } from './setting-names.ts';

const READ = [
  'LEASE',
  'LEASE_SECONDS',
  'PORT',
  'HOST',
  'ORIGIN',
  'PEERS',
  'DATABASE_URL',
  'SIGN_UPS_PER_NETWORK_AND_HOUR',
];
const of = (...names: string[]) => misspelt(names, READ);

describe('names of settings', () => {
  it.each([
    ['LEAS', 'LEASE'],
    ['LEAES', 'LEASE'],
    ['ORIGN', 'ORIGIN'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['SIGNUPS_PER_NETWORK_AND_HOUR', 'SIGN_UPS_PER_NETWORK_AND_HOUR'],
    ['IDENTITY_DATABASE_URI', 'IDENTITY_DATABASE_URL'],
    ['ROLLCAL_DATA', 'ROLLCALL_DATA'],
  ])('are known by what they are near to: %s', (name, meant) => {
    expect(of(name)).toEqual([{ name, meant }]);
  });

  it('are missed where they begin as ours do, however far they are from any', () => {
    expect(of('ROLLCALL_NOTHING_OF_THE_KIND', 'MAILER_COLOUR_OF_PAPER')).toEqual([
      { name: 'ROLLCALL_NOTHING_OF_THE_KIND' },
      { name: 'MAILER_COLOUR_OF_PAPER' },
    ]);
  });

  it('are no business of ours where others use them', () => {
    const others =
      'PATH HOME USER SHELL TERM LANG PWD OLDPWD SHLVL LOGNAME HOSTNAME MAIL EDITOR PAGER DISPLAY TZ TMPDIR PGHOST PGPORT PGUSER NODE_OPTIONS NODE_ENV npm_config_cache JAVA_HOME KAFKA_HOME CI DEBUG POSTGRES_USER POSTGRES_DB PS1 _';
    expect(of(...others.split(' '))).toEqual([]);
  });

  it('are all known that docker-compose.yml asks for', () => {
    const compose = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docker-compose.yml'), 'utf8');
    const asked = [...compose.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name);
    const told = [...compose.matchAll(/^ {2,6}(\w+): \$\{/gm)].map(([, name = '']) => name);
    expect(misspelt([...new Set(asked)], [...READ, ...told])).toEqual([]);
  });
});
