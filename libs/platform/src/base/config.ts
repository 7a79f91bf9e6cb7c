import { readFileSync } from 'node:fs';
import type { ServiceName } from '#contracts';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { flag } from './settings.ts';
import { keyRing } from '../tokens/key-ring.ts';
import { isTls, type Tls, tlsConfig, verified } from './tls.ts';

export { ConfigError };

/** The address of a database, in a configuration. */
export const databaseUrl = (): z.ZodURL =>
  z.url({ protocol: /^postgres(ql)?$/, error: 'must look like postgres://role:password@host:5432/database' });

/** Name to value, in a configuration. */
const names = (example: string) => z.record(z.string(), z.string(), `must be JSON such as ${example}`);

/** The settings of every service, from the environment of its process or from the process that starts it. */
export const serviceConfig = tlsConfig.extend({
  /** The database as the service's own role. */
  databaseUrl: databaseUrl(),
  /** The database as its owner, for migrations; without it another process must have run them before. */
  ownerDatabaseUrl: databaseUrl().optional(),
  /** Where it answers gRPC: `host:port`. */
  grpcAddress: z.string().regex(/^[^:]+:\d+$/, 'must be host:port'),
  /** Where the others answer: service to `host:port`; replicas as a name with several addresses, or as `ip:port,ip:port`. */
  peers: names('{"identity":"identity:50051"}, with every service'),
  /** Its private key (Ed25519, PKCS #8 PEM) for caller tokens. */
  callerKey: z.string().startsWith('-----BEGIN PRIVATE KEY-----', 'must be a PEM of PKCS #8'),
  /** The public keys (SPKI PEM) of all services that may call; of one that changes its key several, one after the other. */
  callerKeys: names('{"gateway":"-----BEGIN PUBLIC KEY-----…"}, with every service'),
  /** A file of operators, name to public key (SPKI PEM). Without it only the services may call. */
  operatorsFile: z.string().optional(),
  /** Whether nothing is judged after a start before the bus has said that it knows no more of the log; else for 10 s at most. */
  busRequired: flag().optional(),
  /** A folder outside of the database in which it names what it decided last, so that after a stop of everything it knows its database again. Of this service's processes on this machine alone. */
  witnessFolder: z.string().min(1).optional(),
  /** Secrets of the installation, 32 bytes in base64url each, as a ring: tokens in links, keyed digests, seals, check characters. */
  installationKey: keyRing(),
});

export type ServiceConfig = z.output<typeof serviceConfig>;

/** Reads a configuration, naming all faults at once. Values are never repeated: they may be secrets. @throws ConfigError */
export function readConfig<S extends z.ZodType>(schema: S, values: unknown): z.output<S> {
  const parsed = schema.safeParse(values, {
    error: ({ code, input }) => (code === 'invalid_type' && input === undefined ? 'is not set' : undefined),
  });
  if (parsed.success) return overTls(parsed.data);
  throw new ConfigError(
    parsed.error.issues.map(({ path, message }) => {
      const name = variableName(path.join('_'));
      // An example can be copied as it is.
      return `${name}: ${message.replace(/(?<=, such as )(?=\d+$)/, `${name}=`)}`;
    }),
  );
}

/** Where TLS is asked for, databases are spoken to under it, too: here, so that no pool, worker or migration forgets it. */
function overTls<C>(config: C): C {
  const { tlsCa } = config as Tls;
  if (!isTls(config as Tls) || tlsCa === undefined) return config;
  return Object.fromEntries(
    Object.entries(config as object).map(([name, value]: [string, unknown]) => [
      name,
      /database_?url$/i.test(name) && typeof value === 'string' ? verified(value, tlsCa) : value,
    ]),
  ) as C;
}

/** Reads several configurations, naming the faults of all at once. @throws ConfigError */
export function readTogether<R extends Record<string, () => unknown>>(reads: R): { [K in keyof R]: ReturnType<R[K]> } {
  const faults: string[] = [];
  const read = Object.fromEntries(
    Object.entries(reads).map(([name, each]) => {
      try {
        return [name, each()];
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        faults.push(...error.faults);
        return [name, undefined];
      }
    }),
  );
  if (faults.length > 0) throw new ConfigError(faults);
  return read as { [K in keyof R]: ReturnType<R[K]> };
}

/** `grpcAddress` is set by `GRPC_ADDRESS`. */
export const variableName = (property: string): string => property.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();

/** Every variable that this process has looked for: a variable beside them has no effect. */
const variablesRead = new Set<string>();

/** Whether this process only looks at its configuration (`--check-config`). When it ends it then writes the names that it looked for: JSON, a line. */
export function onlyChecks(): boolean {
  const only = process.argv.includes('--check-config');
  if (only) process.once('exit', () => process.stdout.write(`${JSON.stringify([...variablesRead])}\n`));
  return only;
}

/** A variable, or what stands in the file that `<name>_FILE` names, without the end of its last line; undefined where it is not set or empty. @throws ConfigError */
export function told(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const [value = '', file = ''] = [env[name], env[`${name}_FILE`]];
  if (file === '') return value === '' ? undefined : value;
  variablesRead.add(`${name}_FILE`);
  if (value !== '') throw new ConfigError([`${name}, ${name}_FILE: are both set. Leave one of them out`]);
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined;
  } catch {
    throw new ConfigError([
      `${name}_FILE: the file cannot be read. It must be there, and readable by whom this process runs as`,
    ]);
  }
}

/** The service's configuration as its process finds it: JSON where a value has parts. A variable that is empty is not set; each may stand in a file (`<name>_FILE`). @throws ConfigError */
export function environment(env: NodeJS.ProcessEnv, schema: z.ZodObject): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(schema.shape).flatMap((property) => {
      variablesRead.add(variableName(property));
      const value = told(env, variableName(property));
      return value === undefined ? [] : [[property, value.startsWith('{') ? parts(value) : lines(value)]];
    }),
  );
}

/** JSON, also with the ends of lines that a reader of env files has made of its `\n`. What is no JSON stays a text, which no schema of parts takes. */
function parts(text: string): unknown {
  for (const attempt of [text, text.replaceAll('\n', '\\n')]) {
    try {
      return JSON.parse(attempt, (_name, value: unknown) => (typeof value === 'string' ? lines(value) : value));
    } catch {
      // The next attempt, or the text as it is.
    }
  }
  return text;
}

/** Env files hold a PEM in one line, its ends of lines written as `\n`: not every reader of such files undoes that. */
const lines = (value: string): string => (value.startsWith('-----BEGIN ') ? value.replaceAll('\\n', '\n') : value);

/** A configuration as the environment of a process, to be read by `environment`. */
export const toEnvironment = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([property, value]) => [variableName(property), typeof value === 'string' ? value : JSON.stringify(value)]),
  );

/** Where a peer answers, as a target of gRPC: several addresses, separated by commas, are replicas. @throws ConfigError */
export function peerAddress(config: Pick<ServiceConfig, 'peers'>, peer: ServiceName): string {
  const address = config.peers[peer];
  if (address === undefined) throw new ConfigError([`PEERS: has no address of ${peer}`]);
  return address.includes(',') ? `ipv4:${address}` : address;
}
