import { existsSync, readFileSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { GrpcOwner, operations } from '#contracts';
import type { CallContext, Peer, Peers } from '#platform';
import { EXIT, Ended, isProblem } from './exit.ts';
import { OWNERS } from './services.ts';

let offlineUrl: string | undefined;

/** An operator waits for a busy service rather than asking again. */
const PATIENCE_MS = 30_000;

/** From now on commands work on this database alone, without its service. */
export function goOffline(databaseUrl: string): void {
  offlineUrl = databaseUrl;
}

let environment = process.env;

/** From now on commands speak to what this environment names. */
export function speakTo(env: NodeJS.ProcessEnv): void {
  environment = env;
}

/** The environment that names what commands speak to: this process's, or a profile's. */
export const spokenTo = (): NodeJS.ProcessEnv => environment;

/** The running installation, as an operator speaks to it. */
export interface Installation {
  readonly operator: string;
  readonly peers: Peers;
  operations(owner: GrpcOwner): Peer<operations.Operations>;
  /** Every process of a service that its address names, each to be asked by itself. */
  replicas(owner: GrpcOwner): Promise<readonly Replica[]>;
  readonly context: () => CallContext;
  close(): void;
}

export interface Replica {
  readonly address: string;
  readonly operations: Peer<operations.Operations>;
}

interface OperatorFile {
  readonly name: string;
  readonly privateKey: string;
}

/** Reads where the services answer and who we are: from PEERS and ROLLCALL_OPERATOR, or from the data folder of this machine's installation. @throws Ended */
export async function installation(env: NodeJS.ProcessEnv = environment): Promise<Installation> {
  const folder = env.ROLLCALL_DATA ?? '.rollcall';
  const peersFile = join(folder, 'peers.json');
  const peers = readJson<Record<string, string>>(
    env.PEERS ?? peersFile,
    `There is no ${peersFile}: nothing has been started here. Start Rollcall, set ROLLCALL_DATA to its data folder, or PEERS to where the services answer.`,
  );
  const operatorFile = env.ROLLCALL_OPERATOR ?? join(folder, 'operator.json');
  const { name, privateKey } = readJson<OperatorFile>(
    operatorFile,
    `There is no ${operatorFile}, the key that says who operates. Make one with "rollcall operators add <name>", or set ROLLCALL_OPERATOR to yours.`,
  );
  const { CallerTokens, environment: told, Peers, readConfig, tlsConfig } = await import('#platform');
  const tls = (await localCertificate(folder, env)) ?? readConfig(tlsConfig, told(env, tlsConfig));
  const tokens = new CallerTokens(`operator:${name}`, { callerKey: privateKey, callerKeys: {} });
  const opened: Peers[] = [];
  const speakingTo = (at: { readonly peers: Record<string, string>; readonly serverName?: string }) => {
    const made = new Peers({ timeoutMs: PATIENCE_MS, ...at, ...tls }, tokens, {
      info: () => undefined,
      warn: (_about: unknown, text?: string) => console.error(text),
    });
    opened.push(made);
    return made;
  };
  const known = speakingTo({ peers });
  const correlationId = randomUUID();
  return {
    operator: name,
    peers: known,
    operations: (owner) => known.of(owner, 'Operations'),
    replicas: async (owner) =>
      (await addressesOf(peers[owner] ?? '')).map(({ address, serverName }) => ({
        address,
        operations: speakingTo({ peers: { [owner]: address }, ...(serverName === undefined ? {} : { serverName }) }).of(
          owner,
          'Operations',
        ),
      })),
    close: () => {
      for (const each of opened) each.close();
    },
    context: () => ({ correlationId, actor: `operator:${name}` }),
  };
}

/** Replicas are several addresses, or those of one name; a certificate is for the name. */
async function addressesOf(target: string): Promise<{ address: string; serverName?: string }[]> {
  const [, serverName, port] = /^dns:\/{3}([^:]+):(\d+)$/.exec(target) ?? [];
  if (serverName === undefined) return target.split(',').map((address) => ({ address }));
  const found = await lookup(serverName, { all: true });
  return found.map(({ address, family }) => ({
    address: `${family === 6 ? `[${address}]` : address}:${port ?? ''}`,
    serverName,
  }));
}

/** What this machine's installation has made for its operator under TLS. Who names the services by PEERS names certificates, too. */
async function localCertificate(folder: string, env: NodeJS.ProcessEnv) {
  const { certificateFiles } = await import('#local-servers');
  const files = certificateFiles(join(folder, 'tls'), 'operator');
  return env.PEERS === undefined && existsSync(files.tlsCert) ? files : undefined;
}

async function offline(databaseUrl: string): Promise<Installation> {
  const [{ offlineDatabase }, { CallerTokens, Peers }] = await Promise.all([
    import('./offline.ts'),
    import('#platform'),
  ]);
  const database = await offlineDatabase(
    databaseUrl,
    process.argv
      .slice(2)
      .filter((word) => !/^(--offline|--database-url|postgres)/.test(word))
      .join(' '),
  );
  const peers = new Peers(
    { peers: {} },
    new CallerTokens(`operator:${database.operator}`, { callerKey: '', callerKeys: {} }),
  );
  return {
    ...database,
    peers,
    replicas: () => Promise.reject(new Ended(EXIT.usage, 'Processes cannot be asked offline.')),
  };
}

/** JSON, or a file of it. */
function readJson<T>(source: string, otherwise: string): T {
  try {
    return JSON.parse(source.startsWith('{') ? source : readFileSync(source, 'utf8')) as T;
  } catch {
    throw new Ended(EXIT.config, otherwise);
  }
}

/** The services that were asked for: one by name, or all. @throws Ended */
export function services(name?: string): readonly GrpcOwner[] {
  // Without a service there is one database, whosever it is.
  if (offlineUrl !== undefined) return OWNERS.slice(0, 1);
  if (name === undefined) return OWNERS;
  const found = OWNERS.find((owner) => owner === name);
  if (!found) throw new Ended(EXIT.usage, `There is no service "${name}". Services: ${OWNERS.join(', ')}.`);
  return [found];
}

/** Does some work with the installation and hangs up. */
export async function withInstallation<T>(work: (installation: Installation) => Promise<T>): Promise<T> {
  const opened = await (offlineUrl === undefined ? installation() : offline(offlineUrl));
  try {
    return await work(opened);
  } finally {
    opened.close();
  }
}

/** The answer of the first service that has what is asked for. @throws the problem of the last one otherwise */
export async function firstThatKnows<T>(
  owners: readonly GrpcOwner[],
  ask: (owner: GrpcOwner) => Promise<T>,
): Promise<T> {
  const answers = await Promise.all(
    owners.map(async (owner) =>
      ask(owner).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      ),
    ),
  );
  const found = answers.find((answer) => 'value' in answer);
  if (found && 'value' in found) return found.value;
  const errors = answers.flatMap((answer) => ('error' in answer ? [answer.error] : []));
  throw errors.find((error) => !(isProblem(error) && error.code === 'stream/unknown')) ?? errors[0];
}
