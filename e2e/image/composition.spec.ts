import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '#contracts';
import { parse } from 'yaml';
import { COMPOSED, COMPOSITION, DATABASES, databaseSettings } from '../../apps/rollcall/src/composition.ts';
import { variables } from './docker-compose.fixture.ts';

const root = join(import.meta.dirname, '..', '..');

describe('the composition', () => {
  it('has every service but the gateway, and first the one that sets the clock', () => {
    expect(COMPOSED[0]).toBe('inactivity-policy');
    expect([...COMPOSED, 'gateway'].sort()).toEqual([...SERVICES].sort());
  });

  it('tells a service of each of its databases, as itself and as their owner', () => {
    expect(databaseSettings('identity', (database, role) => `${role}@${database}`)).toEqual({
      databaseUrl: 'identity@identity',
      personKeysDatabaseUrl: 'identity@person_keys',
    });
    expect(databaseSettings('key-management', (database) => database, 'owner')).toEqual({
      ownerDatabaseUrl: 'key_management',
    });
  });

  it('is what docker-compose.yml tells of databases', () => {
    const told = (container: string) =>
      variables(container)
        .filter(([name]) => name.endsWith('DATABASE_URL') && name !== 'BUS_DATABASE_URL')
        .map(([name, value]) => `${name} ${/\w+/.exec(value)?.[0] ?? ''}`)
        .sort();
    const source = (database: string) => `${database.toUpperCase()}_DATABASE_URL`;
    for (const name of COMPOSED) {
      const own = name.replaceAll('-', '_');
      expect(told(name)).toEqual(
        [
          `DATABASE_URL ${source(own)}`,
          ...COMPOSITION[name].databases.map((database) => `${source(database)} ${source(database)}`),
        ].sort(),
      );
    }
    const all = [...DATABASES.keys()].filter((database) => database !== 'bus').map(source);
    expect(told('provision')).toEqual(['OWNER_DATABASE_URL', ...all].map((name) => `${name} ${name}`).sort());
  });

  it('is what Prometheus scrapes, and the gateway', () => {
    const {
      scrape_configs: [scraped],
    } = parse(readFileSync(join(root, 'deploy', 'prometheus', 'prometheus.yml'), 'utf8')) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    };
    expect(scraped?.static_configs.flatMap(({ targets }) => targets).sort()).toEqual(
      SERVICES.map((name) => `${name}:9464`).sort(),
    );
  });
});
