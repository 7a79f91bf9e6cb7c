import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EXIT, Ended } from './exit.ts';

/** An installation by a name: where its services answer, and the file that says who operates. */
export interface Profile {
  /** As `PEERS`: JSON of service to address, or a file of it. */
  readonly peers: string | Readonly<Record<string, string>>;
  /** As `ROLLCALL_OPERATOR`. */
  readonly operator: string;
}

/** The file of profiles, where the desktop keeps what programs are told. */
export const profilesFile = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'rollcall', 'profiles.json');

/** All of them by name; none where there is no file. @throws Ended where it is none of profiles */
export function profiles(file = profilesFile()): Readonly<Record<string, Profile>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  try {
    const read = JSON.parse(text) as Record<string, Profile>;
    if (Object.values(read).every(isProfile)) return read;
  } catch {
    // An unreadable file is reported below.
  }
  throw new Ended(
    EXIT.config,
    `${file} is no file of profiles: it must be JSON such as {"production": {"peers": "/etc/rollcall/peers.json", "operator": "/home/ada/operator.json"}}.`,
  );
}

const isProfile = ({ peers, operator }: Partial<Profile>) =>
  (typeof peers === 'string' || typeof peers === 'object') && typeof operator === 'string';

/** The environment as it is for a profile. @throws Ended */
export function underProfile(name: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const file = profilesFile(env);
  const known = profiles(file);
  const profile = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!profile)
    throw new Ended(
      EXIT.config,
      `There is no profile ${name} in ${file}. There are: ${Object.keys(known).join(', ') || 'none'}.`,
    );
  const { peers, operator } = profile;
  return { ...env, PEERS: typeof peers === 'string' ? peers : JSON.stringify(peers), ROLLCALL_OPERATOR: operator };
}
