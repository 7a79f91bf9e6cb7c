import { resolve } from 'node:path';
import { ConfigError } from '#platform';

/** What `npm start` may be told by the environment. */
export interface Settings {
  readonly port: number;
  readonly dataFolder: string;
  readonly origin: string;
  readonly smtpUrl: string | undefined;
  /** The cluster that the services exchange facts on, with start:services; without it a broker is started. */
  readonly kafkaBrokers: string | undefined;
  readonly mailFrom: string;
  readonly development: boolean;
  readonly keyPrefix: string;
  readonly signUpsPerNetworkAndHour: number;
  readonly mailsPerAddressAndHour: number;
  readonly keyReportsPerNetworkAndHour: number;
  readonly organizationsPerAccount: number;
  readonly projectsPerOrganization: number;
  readonly keysPerProject: number;
  /** Seconds of one core that a job may be estimated to cost, and that it may take. */
  readonly jobCostSecondsMax: number;
  readonly jobTimeoutSeconds: number;
  /** Seconds for which a gateway may answer from memory after it asked; 0: never. */
  readonly lease: number;
  /** Whether nothing is judged after a start before the bus has said that it knows no more than the logs. */
  readonly busRequired: boolean;
  /** Verdicts that a gateway keeps in memory at most. */
  readonly verdictsMax: number;
  readonly logLevel: string;
  /** Where the first gateway answers services of the platform by HTTP and by gRPC, the others behind it; free ports without them. */
  readonly internalPort: number | undefined;
  readonly internalGrpcPort: number | undefined;
  /** Whose word about a caller's address the gateways take. */
  readonly trustedProxies: string | undefined;
  /** Where `/metrics` is answered for all services; processes of their own take the ports from it on. */
  readonly metricsPort: number | undefined;
  /** Where traces go by OTLP/HTTP. */
  readonly otelExporterOtlpEndpoint: string | undefined;
}

/** Reads them, naming all faults at once. @throws ConfigError */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const faults: string[] = [];
  const fault = (said: string) => {
    faults.push(said);
  };
  const port = Number(env.PORT ?? 8080);
  const portFits = Number.isInteger(port) && port >= 1 && port <= 65_535;
  if (!portFits) fault('PORT: must be a number from 1 to 65535, such as PORT=8080');
  const origin = env.ROLLCALL_ORIGIN ?? (portFits && port !== 80 ? `http://localhost:${port}` : 'http://localhost');
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url?.origin !== origin || !/^https?:$/.test(url.protocol))
    fault('ROLLCALL_ORIGIN: must be scheme, host and port alone, such as https://id.example.com');
  const loopback = url !== undefined && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'http:' && !loopback) fault('ROLLCALL_ORIGIN: plain http is for this machine alone; use https');
  const smtpUrl = env.SMTP_URL === '' ? undefined : env.SMTP_URL;
  if (smtpUrl !== undefined && !/^smtps?:\/\/[^\s]+$/.test(smtpUrl))
    fault('SMTP_URL: must look like smtp://user:password@host:587');
  const kafkaBrokers = env.KAFKA_BROKERS === '' ? undefined : env.KAFKA_BROKERS;
  if (kafkaBrokers !== undefined && !/^[^\s:,]+:\d+(,[^\s:,]+:\d+)*$/.test(kafkaBrokers))
    fault('KAFKA_BROKERS: must be host:port, several separated by commas');
  if (!['0', '1', undefined].includes(env.ROLLCALL_DEV)) fault('ROLLCALL_DEV: must be 0 or 1');
  const development = env.ROLLCALL_DEV === undefined ? loopback && smtpUrl === undefined : env.ROLLCALL_DEV === '1';
  if (url?.origin === origin && !development && smtpUrl === undefined)
    fault('SMTP_URL: is needed without development aids: mails with live links are caught in development alone');
  if (development && !loopback)
    fault('ROLLCALL_DEV: development aids do not start on a public origin; set ROLLCALL_DEV=0');
  const keyPrefix = env.KEY_PREFIX ?? 'rck';
  if (!/^[a-z][a-z0-9]{1,11}$/.test(keyPrefix)) fault('KEY_PREFIX: must be 2 to 12 lower-case letters and digits');
  const limit = (name: string, usual: number) => {
    const value = Number(env[name] ?? usual);
    if (!Number.isInteger(value) || value < 1)
      fault(`${name}: must be a whole number from 1 on, such as ${name}=${usual}`);
    return value;
  };
  const limits = {
    signUpsPerNetworkAndHour: limit('SIGN_UPS_PER_NETWORK_AND_HOUR', 20),
    mailsPerAddressAndHour: limit('MAILS_PER_ADDRESS_AND_HOUR', 5),
    keyReportsPerNetworkAndHour: limit('KEY_REPORTS_PER_NETWORK_AND_HOUR', 60),
    organizationsPerAccount: limit('ORGANIZATIONS_PER_ACCOUNT', 100),
    projectsPerOrganization: limit('PROJECTS_PER_ORGANIZATION', 10_000),
    keysPerProject: limit('KEYS_PER_PROJECT', 1_000),
    jobCostSecondsMax: limit('JOB_COST_SECONDS_MAX', 1_200),
    jobTimeoutSeconds: limit('JOB_TIMEOUT_SECONDS', 3_600),
  };
  const lease = Number(env.LEASE || 10);
  if (!(lease === 0 || (lease >= 2 && lease <= 60)))
    fault('LEASE: must be 0 (keys are asked for at each request), or 2 to 60 seconds');
  const verdictsMax = Number(env.VERDICTS_MAX || 200_000);
  if (!Number.isInteger(verdictsMax) || verdictsMax < 0 || verdictsMax > 5_000_000)
    fault('VERDICTS_MAX: must be a whole number from 0 to 5000000, such as VERDICTS_MAX=200000');
  const portOf = (name: string, such: number) => {
    const value = env[name] ? Number(env[name]) : undefined;
    if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= 65_535))
      fault(`${name}: must be a number from 1 to 65535, such as ${name}=${such}`);
    return value;
  };
  const ports = {
    internalPort: portOf('INTERNAL_PORT', 8081),
    internalGrpcPort: portOf('INTERNAL_GRPC_PORT', 8091),
    metricsPort: portOf('METRICS_PORT', 9464),
  };
  const trustedProxies = env.TRUSTED_PROXIES === '' ? undefined : env.TRUSTED_PROXIES;
  if (trustedProxies !== undefined && !/^[\w.:/]+(,[\w.:/]+)*$/.test(trustedProxies))
    fault('TRUSTED_PROXIES: must be addresses or ranges, several separated by commas, such as loopback');
  const otelExporterOtlpEndpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT === '' ? undefined : env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (otelExporterOtlpEndpoint !== undefined && !/^https?:\/\/\S+$/.test(otelExporterOtlpEndpoint))
    fault('OTEL_EXPORTER_OTLP_ENDPOINT: must be a URL, such as http://localhost:4318');
  if (!['0', '1', '', undefined].includes(env.BUS_REQUIRED)) fault('BUS_REQUIRED: must be 0 or 1');
  const logLevel = env.LOG_LEVEL ?? 'info';
  if (!['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'].includes(logLevel))
    fault('LOG_LEVEL: must be trace, debug, info, warn, error, fatal or silent');
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    port,
    dataFolder: resolve(env.ROLLCALL_DATA ?? '.rollcall'),
    origin,
    smtpUrl,
    kafkaBrokers,
    mailFrom: env.MAIL_FROM ?? `Rollcall <rollcall@${url?.hostname ?? 'localhost'}>`,
    development,
    keyPrefix,
    ...limits,
    lease,
    busRequired: env.BUS_REQUIRED === '1',
    verdictsMax,
    logLevel,
    ...ports,
    trustedProxies,
    otelExporterOtlpEndpoint,
  };
}
