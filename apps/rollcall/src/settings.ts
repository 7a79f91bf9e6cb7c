import { resolve } from 'node:path';
import type { GrpcOwner } from '#contracts';
import {
  brokers,
  busConfig,
  environment,
  flag,
  isLoopback,
  logLevel,
  mailFrom,
  origin,
  readConfig,
  serviceConfig,
  watchConfig,
} from '#platform';
import { z } from 'zod';
import { gatewayConfig } from '../../gateway/src/config.ts';
import { identityConfig } from '../../identity/src/config.ts';
import { jobQueueConfig } from '../../job-queue/src/config.ts';
import { keyManagementConfig } from '../../key-management/src/config.ts';
import { mailerConfig } from '../../mailer/src/config.ts';
import { organizationConfig } from '../../organization/src/config.ts';

/** The settings of services, as their environment names them, each by its own schema. */
const OF_SERVICES = {
  'identity': identityConfig.pick({
    signUpsPerNetworkAndHour: true,
    mailsPerAddressAndHour: true,
    breachedPasswords: true,
    ssoPrivateHosts: true,
  }),
  'organization': organizationConfig.pick({
    organizationsPerAccount: true,
    projectsPerOrganization: true,
    ssoPrivateHosts: true,
    ssoDnsServers: true,
  }),
  'key-management': keyManagementConfig.pick({
    keyPrefix: true,
    lease: true,
    keyReportsPerNetworkAndHour: true,
    keysPerProject: true,
  }),
  'job-queue': jobQueueConfig.pick({ jobCostSecondsMax: true, jobTimeoutSeconds: true }),
  'mailer': mailerConfig.pick({
    brand: true,
    mailsPerSecond: true,
    mailReturnPath: true,
    bouncePort: true,
    bounceHookPort: true,
    mailBounceSecret: true,
    bounceHost: true,
  }),
} as const satisfies Partial<Record<GrpcOwner, z.ZodObject>>;

const { port, internalPort, internalGrpcPort, trustedProxies, verdictsMax } = gatewayConfig.shape;

const variables = z.object({
  port,
  rollcallOrigin: origin().optional(),
  rollcallData: z.string().default('.rollcall'),
  rollcallDev: flag().optional(),
  /** Whether the services speak TLS with each other, by certificates that are made in the data folder. */
  rollcallTls: flag().default(false),
  smtpUrl: mailerConfig.shape.smtpUrl.optional(),
  mailFrom: mailFrom().optional(),
  /** The cluster that the services exchange facts on, with start:services; without it a broker is started. */
  kafkaBrokers: brokers().optional(),
  kafkaTls: busConfig.shape.kafkaTls,
  kafkaPartitions: busConfig.shape.kafkaPartitions,
  kafkaReplication: busConfig.shape.kafkaReplication,
  ...OF_SERVICES.identity.shape,
  ...OF_SERVICES.organization.shape,
  ...OF_SERVICES['key-management'].shape,
  ...OF_SERVICES['job-queue'].shape,
  ...OF_SERVICES.mailer.shape,
  busRequired: serviceConfig.shape.busRequired,
  verdictsMax,
  trustedProxies,
  logLevel: logLevel(),
  /** Where the first gateway answers services of the platform, the others behind it; without them 8081 and 8091 where `PORT` is 8080 and they are free, else any. */
  internalPort,
  internalGrpcPort,
  /** Where `/metrics` is answered for all services, processes of their own take the ports from it on; and where traces go. */
  ...watchConfig.pick({ metricsPort: true, otelExporterOtlpEndpoint: true }).shape,
});

const settingsSchema = variables
  .transform(({ rollcallOrigin, rollcallDev, rollcallData, trustedProxies: proxies, ...rest }) => {
    const at = rollcallOrigin ?? (rest.port === 80 ? 'http://localhost' : `http://localhost:${rest.port}`);
    const { hostname } = new URL(at);
    return {
      ...rest,
      origin: at,
      dataFolder: resolve(rollcallData),
      trustedProxies: proxies?.join(','),
      busRequired: rest.busRequired === true,
      mailFrom: rest.mailFrom ?? `Rollcall <rollcall@${hostname}>`,
      development: rollcallDev ?? (isLoopback(hostname) && rest.smtpUrl === undefined),
    };
  })
  .superRefine(({ origin: at, development, smtpUrl }, context) => {
    const fault = (path: string, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if (!development && smtpUrl === undefined)
      fault('smtpUrl', 'is needed without development aids: mails with live links are caught in development alone');
    if (development && !isLoopback(new URL(at).hostname))
      fault('rollcallDev', 'development aids do not start on a public origin; set ROLLCALL_DEV=0');
  });

/** The settings of `npm start`. */
export type Settings = Readonly<z.output<typeof settingsSchema>>;

const UNSET = Object.fromEntries(Object.keys(variables.shape).map((name) => [name, undefined]));

/** Reads them, naming all faults at once. @throws ConfigError */
export const readSettings = (env: NodeJS.ProcessEnv): Settings =>
  readConfig(settingsSchema, { ...UNSET, ...environment(env, variables) });

/** Those of them that are one service's own. */
export function settingsOf(name: GrpcOwner, settings: Settings): Record<string, unknown> {
  const schemas: Partial<Record<GrpcOwner, z.ZodObject>> = OF_SERVICES;
  return Object.fromEntries(
    Object.keys(schemas[name]?.shape ?? {}).map((setting) => [setting, settings[setting as keyof Settings]]),
  );
}
