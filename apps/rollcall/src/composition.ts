import type { GrpcOwner } from '#contracts';
import {
  type ServiceContext,
  type OwnerOf,
  readConfig,
  type RunningService,
  type ServiceConfig,
  type ServiceDefinition,
  startService,
} from '#platform';
import type { DynamicModule } from '@nestjs/common';
import type { z } from 'zod';
import type { IdentityConfig } from '../../identity/src/config.ts';

/** A service's databases with the settings of their owner. */
type Owner = OwnerOf<ServiceConfig & IdentityConfig>;
type Startable<C extends ServiceConfig> = ServiceDefinition<C> & { readonly migrate: (owner: Owner) => Promise<void> };

/** A service that Rollcall is made of. Its code is loaded when it is needed: who starts processes needs none of it. */
export interface Composed {
  /** Its databases beside the one that is named as it is. */
  readonly databases: readonly string[];
  readonly load: () => Promise<
    Pick<ServiceDefinition, 'name' | 'readModels'> & {
      readonly config: z.ZodObject;
      readonly migrate: (owner: Owner) => Promise<void>;
      readonly module: (floor: never) => DynamicModule;
    }
  >;
  /** @throws ConfigError, and when the database or the port cannot be had. */
  readonly start: (
    values: Readonly<Record<string, unknown>>,
    floor: Omit<ServiceContext, 'config'>,
    options: { reflection?: boolean },
  ) => Promise<RunningService>;
}

function composed<C extends ServiceConfig>(
  load: () => Promise<Startable<C>>,
  ...databases: readonly string[]
): Composed {
  return {
    databases,
    load,
    start: async (values, floor, options) => {
      const service = await load();
      return startService<C>(service, { ...floor, config: readConfig(service.config, values) }, options);
    },
  };
}

/**
 * All services behind the gateway, in the order in which they start. Databases, roles, addresses and processes are made from this table;
 * docker-compose.yml and prometheus.yml are held to it by composition.spec.ts.
 */
export const COMPOSITION: Readonly<Record<GrpcOwner, Composed>> = {
  'inactivity-policy': composed(
    async () => (await import('../../inactivity-policy/src/inactivity-policy.module.ts')).inactivityPolicy,
  ),
  'identity': composed(async () => (await import('../../identity/src/identity.module.ts')).identity, 'person_keys'),
  'organization': composed(async () => (await import('../../organization/src/organization.module.ts')).organization),
  'key-management': composed(
    async () => (await import('../../key-management/src/key-management.module.ts')).keyManagement,
  ),
  'job-queue': composed(async () => (await import('../../job-queue/src/job-queue.module.ts')).jobQueue),
  'mailer': composed(async () => (await import('../../mailer/src/mailer.module.ts')).mailer),
};

/** Their names, in that order. */
export const COMPOSED = Object.keys(COMPOSITION) as readonly GrpcOwner[];

/** The first sets the clock that all the others read; those start together. */
export async function startInOrder(start: (name: GrpcOwner) => Promise<unknown>): Promise<void> {
  const [first, ...others] = COMPOSED;
  if (first) await start(first);
  await Promise.all(others.map(start));
}

/** A service's role, and the database that is its own. */
const roleOf = (name: GrpcOwner) => name.replaceAll('-', '_');

/** Every database, and the role that owns it. The bus belongs to all, and has a role of its own. */
export const DATABASES: ReadonlyMap<string, string> = new Map([
  ...COMPOSED.flatMap((name) =>
    [roleOf(name), ...COMPOSITION[name].databases].map((database) => [database, roleOf(name)] as const),
  ),
  ['bus', 'bus'],
]);

const property = (...words: readonly string[]) =>
  words
    .filter((word) => word !== '')
    .join('_')
    .replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/**
 * The settings that lead a service to its databases: `databaseUrl` and, of identity's other one, `personKeysDatabaseUrl`; behind `owner`, with the
 * owner's role.
 */
export function databaseSettings(
  name: GrpcOwner,
  urlOf: (database: string, role: string) => string,
  as: 'owner' | '' = '',
): Record<string, string> {
  const own = roleOf(name);
  return Object.fromEntries(
    ['', ...COMPOSITION[name].databases].map((other) => [
      property(as, other, 'database_url'),
      urlOf(other || own, own),
    ]),
  );
}

/** Brings the schemas of a service's databases up to date, as their owner. */
export async function migrateService(name: GrpcOwner, ownerUrl: (database: string) => string): Promise<void> {
  await (await COMPOSITION[name].load()).migrate(databaseSettings(name, ownerUrl, 'owner'));
}
