import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { freePort } from '#local-servers';
import { Processes, Product, type SignedUp } from '#testing';
import { pin, unpin } from './cores.ts';
import { tree } from './processes.ts';
import { inventor, type KnownKey, stockKeys } from './product-keys.ts';
import { type ServerProcess, startServer } from './server-process.ts';

/** What verifying is measured on. */
export const VERIFY_PATH = '/authz';

/** Of a hundred requests: keys that work, keys that were never made but whose check is right, keys that worked once. */
export const MIX = { good: 89, invented: 10, bad: 1 } as const;

export const HOLDER = 'holder@example.com';

/** The whole product as it runs in production, with keys of one account in it: the gateways on one core, all else on the other. */
export interface PreparedGate {
  readonly product: Product;
  readonly processes: Processes;
  readonly owner: SignedUp;
  readonly ports: readonly number[];
  readonly good: readonly KnownKey[];
  readonly bad: readonly string[];
  readonly invented: readonly string[];
  /** Puts gateways that were started again where they belong. */
  settle(): void;
  dispose(): Promise<void>;
}

/** Starts it. A developer's clock is a file that is read at each look: it is for the sign-up alone. */
export async function prepareGate({
  keys = 8_900,
  gateways = 1,
  env = {},
}: { keys?: number; gateways?: number; env?: NodeJS.ProcessEnv } = {}): Promise<PreparedGate> {
  pin('load', process.pid);
  const product = await Product.start(
    { LOG_LEVEL: 'warn', SIGN_UPS_PER_NETWORK_AND_HOUR: '1000', ...env },
    { script: 'start:services', args: ['--gateways', String(gateways)] },
  );
  const owner = await product.signUp(HOLDER);
  const share = (part: number) => Math.ceil((keys * part) / MIX.good);
  const good = await stockKeys(product, owner, keys);
  const bad = [
    ...(await stockKeys(product, owner, share(MIX.bad / 2), 'revoked')),
    ...(await stockKeys(product, owner, share(MIX.bad / 2), 'expired')),
  ];
  const invent = inventor(product);
  await product.end();
  await product.begin({ ROLLCALL_DEV: '0', SMTP_URL: 'smtp://127.0.0.1:1' });
  const processes = new Processes(product);
  const settle = () => {
    for (let n = 0; n < gateways; n++) pin('server', processes.pid(gatewayName(n)));
  };
  settle();
  return {
    product,
    processes,
    owner,
    good,
    settle,
    ports: Array.from({ length: gateways }, (_, n) => product.port + n),
    bad: bad.map(({ secret }) => secret),
    invented: Array.from({ length: share(MIX.invented) }, () => invent().secret),
    dispose: async () => {
      await product.dispose();
      unpin(process.pid);
    },
  };
}

export const gatewayName = (n: number): string => (n === 0 ? 'gateway' : `gateway-${n + 1}`);

/** One more gateway, started by hand beside the others. */
export async function oneMoreGateway(
  { product }: PreparedGate,
  env: NodeJS.ProcessEnv,
): Promise<{ server: ServerProcess<unknown>; port: number }> {
  const port = await freePort();
  // The ports for services of the platform and for metrics are taken.
  const {
    INTERNAL_PORT: _,
    INTERNAL_GRPC_PORT: _grpc,
    METRICS_PORT: _metrics,
    ...given
  } = parseEnv(readFileSync(join(product.dataFolder, 'data', 'gateway.env'), 'utf8'));
  const server = await startServer(join('dist', 'apps', 'gateway', 'src', 'main.js'), [], {
    PATH: process.env.PATH,
    ...given,
    LOG_LEVEL: 'warn',
    PORT: String(port),
    ORIGIN: `http://localhost:${port}`,
    ...env,
  });
  pin('server', ...tree(server.pid));
  return { server, port };
}
