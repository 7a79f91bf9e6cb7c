import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES, type ServiceName } from '#contracts';
import { environment, readBusConfig, readConfig, variableName } from '#platform';
import type { z } from 'zod';
import { gatewayConfig } from '../../apps/gateway/src/config.ts';
import { prefixOf } from '../../apps/ops/src/services.ts';
import { COMPOSED, COMPOSITION } from '../../apps/rollcall/src/composition.ts';
import { container, containers, REFERENCE, text, told, variables, volumes, written } from './docker-compose.fixture.ts';
import { readProvisionConfig } from '../../apps/rollcall/src/provision-config.ts';

const root = join(import.meta.dirname, '..', '..');

const SCHEMAS = Object.fromEntries([
  ['gateway', gatewayConfig as z.ZodObject] as const,
  ...(await Promise.all(COMPOSED.map(async (name) => [name, (await COMPOSITION[name].load()).config] as const))),
]) as Readonly<Record<ServiceName, z.ZodObject>>;
const OF_EVERY_PROCESS = [
  'LOG_LEVEL',
  'ROLLCALL_DEV',
  'DEV_CLOCK_FILE',
  'METRICS_HOST',
  'METRICS_PORT',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
];
const OF_THE_BUS = ['BUS', 'BUS_DATABASE_URL', 'KAFKA_BROKERS', 'KAFKA_TLS', 'KAFKA_PARTITIONS', 'KAFKA_REPLICATION'];
/** Owners' addresses are for `provision`; the gateway learns of development by ROLLCALL_DEV. */
const LEFT_OUT = /^(OWNER_.*_?DATABASE_URL|DEVELOPMENT)$/;

describe('docker-compose.yml', () => {
  it.each(SERVICES)('runs %s by its own program', (name) => {
    expect(container(name).command).toEqual([
      'node',
      ...(name === 'gateway' ? [] : ['--max-semi-space-size=1']),
      `dist/apps/${name}/src/main.js`,
    ]);
    expect(existsSync(join(root, 'apps', name, 'src', 'main.ts'))).toBe(true);
  });

  it.each(SERVICES)('tells %s all that it reads, and nothing that it does not read', (name) => {
    const read = [
      ...Object.keys(SCHEMAS[name].shape)
        .map(variableName)
        .filter((variable) => !LEFT_OUT.test(variable)),
      ...OF_EVERY_PROCESS,
      ...(name === 'gateway' ? [] : OF_THE_BUS),
    ];
    expect(
      variables(name)
        .map(([variable]) => variable)
        .sort(),
    ).toEqual([...new Set(read)].sort());
  });

  it.each([undefined, 'smtp://mail:a-long-word@mail.example.com:587'])(
    'starts every service with what "rollcall init" writes (mail to %s)',
    (smtpUrl) => {
      const values = written(smtpUrl);
      for (const name of SERVICES) {
        const env = told(name, values);
        expect(() => {
          readConfig(SCHEMAS[name], environment(env, SCHEMAS[name]));
          if (name !== 'gateway') readBusConfig(env);
        }).not.toThrow();
      }
      expect(readProvisionConfig(told('provision', values)).passwords.size).toBe(COMPOSED.length);
    },
  );

  it('hands every value over by one rule: from its own name, or from its name behind that of the service', () => {
    for (const name of [...SERVICES, 'provision']) {
      for (const [variable, value] of variables(name)) {
        const source = REFERENCE.exec(value)?.[1];
        if (source !== undefined) expect([variable, `${prefixOf(name as ServiceName)}_${variable}`]).toContain(source);
      }
    }
  });

  it('holds no secret', () => {
    for (const [name, { environment: told = {} }] of Object.entries(containers)) {
      for (const [variable, value] of Object.entries(told))
        if (/KEY|PASSWORD|SECRET|TOKEN|DATABASE_URL|SMTP/.test(variable))
          expect([name, variable, value]).toEqual([name, variable, expect.stringMatching(REFERENCE)]);
    }
    expect(text).not.toMatch(/BEGIN|:\/\/[^\s/]*:[^\s/]*@|(?=[\w-]{43})[A-Z_-]*[a-z\d][\w-]*/);
  });

  it("gives the owner's password to nobody who runs on but the server: to provision, and to what repairs", () => {
    expect(Object.keys(containers).filter((name) => container(name).env_file !== undefined)).toEqual(['repair']);
    const knowing = Object.keys(containers).filter((name) =>
      variables(name).some(([, value]) => /OWNER_DATABASE_URL|POSTGRES_PASSWORD/.test(value)),
    );
    expect(knowing.sort()).toEqual(['postgres', 'provision']);
  });

  it.each(Object.keys(containers))(
    'runs %s without root, without rights it does not need, and restarts what should run',
    (name) => {
      const { user, read_only, cap_drop, restart, healthcheck } = container(name);
      // The operator's command runs as the user who may read the operator's key.
      expect(user).toMatch(['rollcall', 'repair'].includes(name) ? /^\$\{OPERATOR_UID/ : /^[1-9]\d*:[1-9]\d*$/);
      expect(cap_drop).toEqual(['ALL']);
      // The broker's image writes its settings into itself.
      expect(read_only ?? false).toBe(name !== 'kafka');
      const once = ['provision', 'rollcall', 'repair'].includes(name);
      expect(restart).toBe(once ? 'no' : 'unless-stopped');
      expect(once ? healthcheck?.disable : Array.isArray(healthcheck?.test)).toBe(true);
    },
  );

  it('publishes the gateway alone, on this machine alone', () => {
    expect(
      Object.entries(containers).flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`)),
    ).toEqual(['gateway 127.0.0.1:${PORT:-8080}:8080']);
  });

  it('keeps data in volumes that have a name', () => {
    const used = Object.values(containers)
      .flatMap(({ volumes: mounts = [] }) => mounts.map((mount) => mount.split(':')[0] ?? ''))
      .filter((source) => !source.startsWith('./'));
    expect([...new Set(used)].sort()).toEqual(Object.keys(volumes).sort());
  });

  it('starts the services when schemas and broker are ready', () => {
    for (const name of SERVICES.filter((each) => each !== 'gateway')) {
      expect(container(name).depends_on).toEqual({
        provision: { condition: 'service_completed_successfully' },
        kafka: { condition: 'service_healthy' },
      });
      expect(container('gateway').depends_on?.[name]).toEqual({ condition: 'service_healthy' });
    }
  });
});

describe('Dockerfile', () => {
  const lines = readFileSync(join(root, 'Dockerfile'), 'utf8').split('\n');
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));

  it('ends as a user without rights, with a health check, and without what only developers need', () => {
    expect(last.filter((line) => line.startsWith('USER '))).toEqual(['USER 10001:10001']);
    expect(last.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
    expect(last.filter((line) => line.includes('node_modules'))).toEqual([
      'COPY --from=packages /rollcall/node_modules node_modules',
    ]);
    expect(lines).toContain('RUN npm ci --ignore-scripts --omit=dev --omit=optional');
  });

  it('is given no secret: nothing of an installation is sent to the builder', () => {
    const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['*', '**/.env*', '**/operator*.json', '**/.rollcall']));
    expect(
      lines.filter((line) => /^(ARG|ENV)/.test(line)).filter((line) => /KEY|PASSWORD|SECRET|TOKEN/.test(line)),
    ).toEqual([]);
  });
});
