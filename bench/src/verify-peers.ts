import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pin } from './cores.ts';
import { introspects, asks, mixed } from './questions.ts';
import type { Contender } from './rounds.ts';
import { startServer } from './server-process.ts';
import { MIX } from './prepared-gate.ts';
import { wrk } from './wrk.ts';

const FOLDER = join(process.cwd(), 'bench', 'peers');
const KEYS = 1_780;

interface PeerAnswer {
  readonly port: number;
  readonly good: readonly (string | { readonly id: string; readonly key: string })[];
  readonly bad: readonly string[];
  readonly authorization?: string;
}

/** A peer that is up, or why it is not: a missing one takes no figure away from the others. */
export type Peer = { readonly contender: Contender; stop(): Promise<void> } | { readonly missing: string };

/** Brings the peers' packages on first use, from their lock file. */
export function installPeers(): string | undefined {
  if (existsSync(join(FOLDER, 'node_modules', '.package-lock.json'))) return undefined;
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: FOLDER, stdio: 'ignore' });
    return undefined;
  } catch {
    return 'its packages could not be installed in bench/peers';
  }
}

export const betterAuth = (folder: string, storage: 'postgres' | 'memory', url: string): Promise<Peer> =>
  start(`better-auth-${storage}`, folder, 'better-auth.mjs', [storage, url, String(KEYS)]);
export const oidcProvider = (folder: string): Promise<Peer> =>
  start('oidc-provider', folder, 'oidc-provider.mjs', [String(KEYS)]);

async function start(name: string, folder: string, script: string, args: readonly string[]): Promise<Peer> {
  const missing = installPeers();
  if (missing !== undefined) return { missing };
  try {
    const server = await startServer<PeerAnswer>(join(FOLDER, script), args);
    pin('server', server.pid);
    return { contender: wrk(folder, name, server.said.port, questions(server.said)), stop: () => server.stop() };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

function questions({ port, good, bad, authorization }: PeerAnswer) {
  const invented = Array.from({ length: Math.ceil((good.length * MIX.invented) / MIX.good) }, (_, n) => {
    const key = good[n];
    return [...(typeof key === 'string' ? key : (key?.key ?? ''))].reverse().join('');
  });
  const known = good.map((key) =>
    typeof key === 'string' ? { secret: key, holds: '"active":true' } : { secret: key.key, holds: key.id },
  );
  return authorization === undefined
    ? mixed({ good: known, bad, invented }, asks(port, '/'))
    : mixed({ good: known, bad, invented }, introspects(port, authorization), { status: 200, holds: '"active":false' });
}
