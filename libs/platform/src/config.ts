import type { ServiceName } from '#contracts';
import { z } from 'zod';

/** What every service is told. All of it comes from the environment of its process, or from who composes them. */
export const serviceConfig = z.object({
  /** The database as the service's own role. */
  databaseUrl: z.url({ protocol: /^postgres(ql)?$/ }),
  /** The database as its owner, for migrations. */
  ownerDatabaseUrl: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Where it answers gRPC: `host:port`. */
  grpcAddress: z.string().regex(/^[^:]+:\d+$/, 'must be host:port'),
  /** Where the others answer: service to `host:port`; replicas as a name with several addresses, or as `ip:port,ip:port`. */
  peers: z.record(z.string(), z.string()),
  /** Its private key (Ed25519, PKCS #8 PEM) for caller tokens. */
  callerKey: z.string().startsWith('-----BEGIN PRIVATE KEY-----', 'must be a PEM of PKCS #8'),
  /** The public keys (SPKI PEM) of all services that may call. */
  callerKeys: z.record(z.string(), z.string()),
  /** A file of operators, name to public key (SPKI PEM). Without it nobody but the services may call. */
  operatorsFile: z.string().optional(),
  /** Secret of the installation, 32 bytes in base64url: tokens in links, keyed digests, check characters. */
  installationKey: z.string().regex(/^[\w-]{43}$/, 'must be 32 bytes in base64url (43 characters)'),
});

export type ServiceConfig = z.output<typeof serviceConfig>;

/** A configuration that cannot be used; `faults` names every value and its mend. The process ends with 78 (EX_CONFIG of sysexits.h). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  static readonly EXIT = 78;
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/** Reads a configuration, naming all faults at once. Values are never repeated: they may be secrets. @throws ConfigError */
export function readConfig<S extends z.ZodType>(schema: S, values: unknown): z.output<S> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => `${variableName(issue.path.join('_'))}: ${issue.message}`));
}

/** `grpcAddress` is set by `GRPC_ADDRESS`. */
export const variableName = (property: string): string => property.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();

/** The service's configuration as its process finds it: JSON where a value has parts. */
export function environment(env: NodeJS.ProcessEnv, schema: z.ZodObject): Record<string, unknown> {
  return Object.fromEntries(Object.keys(schema.shape).flatMap((property) => {
    const value = env[variableName(property)];
    return value === undefined ? [] : [[property, value.startsWith('{') ? JSON.parse(value) as unknown : value]];
  }));
}

/** A configuration as the environment of a process, to be read by `environment`. */
export const toEnvironment = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)
    .map(([property, value]) => [variableName(property), typeof value === 'string' ? value : JSON.stringify(value)]));

/** Where a peer answers, as a target of gRPC: several addresses, separated by commas, are replicas. @throws ConfigError */
export function peerAddress(config: Pick<ServiceConfig, 'peers'>, peer: ServiceName): string {
  const address = config.peers[peer];
  if (address === undefined) throw new ConfigError([`PEERS: has no address of ${peer}`]);
  return address.includes(',') ? `ipv4:${address}` : address;
}
