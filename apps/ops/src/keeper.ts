import { chmodSync, chownSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { EXIT, Ended } from './exit.ts';

/** Where a ring of keys is kept on this machine. */
export interface Keeper {
  readonly file: string;
  readonly read: () => string;
  /** All of it or nothing, for whom could read it before. */
  readonly write: (ring: string) => void;
  /** What the processes are to be told after it was written, so that they take it. */
  readonly next: string;
}

/** The settings that are rings of keys, and what the data folder's secrets call them. */
const KEPT = { INSTALLATION_KEY: 'installationKey', MASTER_KEY: 'masterKey' } as const;
export type Ring = keyof typeof KEPT;

/** Undefined where the ring is kept elsewhere: in another's store of secrets. @throws Ended where a file does not hold it */
export function keeperOf(ring: Ring, env: NodeJS.ProcessEnv, envFile: string | undefined): Keeper | undefined {
  if (envFile !== undefined) return inEnvFile(envFile, ring);
  const file = env[`${ring}_FILE`];
  if (file !== undefined && file !== '') return alone(file);
  const folder = env.ROLLCALL_DATA ?? '.rollcall';
  const secrets = join(folder, 'secrets.json');
  return env.PEERS === undefined && existsSync(secrets) ? inSecrets(folder, secrets, ring) : undefined;
}

const RESTART = 'Start all services and gateways again, one after the other';

const alone = (file: string): Keeper => ({
  file,
  read: () => text(file).replace(/\r?\n$/, ''),
  write: (ring) => {
    replace(file, `${ring}\n`);
  },
  next: RESTART,
});

const inSecrets = (folder: string, file: string, ring: Ring): Keeper => {
  const read = () => JSON.parse(text(file)) as Record<string, unknown>;
  return {
    file,
    read: () => String(read()[KEPT[ring]]),
    write: (value) => {
      replace(file, JSON.stringify({ ...read(), [KEPT[ring]]: value }, null, 2));
    },
    next: `Start Rollcall again; "npm run start:services" does it process by process at: kill -USR2 $(cut -d' ' -f1 ${join(folder, 'rollcall.pid')})`,
  };
};

const inEnvFile = (file: string, ring: Ring): Keeper => ({
  file,
  read: () => {
    const value = parseEnv(text(file))[ring];
    if (value === undefined) throw new Ended(EXIT.config, `${file} has no ${ring}.`);
    return value;
  },
  write: (value) => {
    replace(
      file,
      text(file)
        .split('\n')
        .map((line) => (line.startsWith(`${ring}=`) ? `${ring}=${value}` : line))
        .join('\n'),
    );
  },
  next: `${RESTART} with the new values: docker-compose up --detach --no-deps <service>`,
});

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Ended(EXIT.config, `${file} cannot be read.`);
  }
}

/** Written beside and moved into place: a crash leaves the one or the other. @throws Ended where its readers could not read it then */
function replace(file: string, content: string) {
  const { mode, uid, gid } = statSync(file);
  const next = `${file}.new`;
  // What a killed one has left may be for others' eyes.
  rmSync(next, { force: true });
  writeFileSync(next, content, { mode: 0o600, flag: 'wx', flush: true });
  try {
    chownSync(next, uid, gid);
  } catch {
    rmSync(next);
    throw new Ended(EXIT.refused, `${file} belongs to another user, who alone may write it over: say this as they.`);
  }
  chmodSync(next, mode & 0o777);
  renameSync(next, file);
}
