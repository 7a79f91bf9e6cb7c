import { ConfigError, told } from './config.ts';

/** Values of public examples: attackers try them first. */
const SAMPLES =
  /^(postgres|rollcall|root|admin|password|passwd|pass|secret|example|sample|test|change[-_ ]?me.*|.*(?:change-me|changeme|your-).*|<.*>)$/i;
/** 32 random bytes have some 31 different letters in base64url; that so few occur happens once in more than 10^12. */
const LETTERS_MIN = 16;

const SECRET = /^(INSTALLATION|MASTER)_KEY$|(^|_)(DATABASE_URL|SMTP_URL)$/;

/** Secrets that are no secrets do not start outside development. Names variables, never their values. @throws ConfigError */
export function refuseSamples(env: NodeJS.ProcessEnv, development: boolean): void {
  if (development) return;
  const faults = Object.keys(env)
    .map((name) => name.replace(/_FILE$/, ''))
    .filter((name) => SECRET.test(name) && isSample(name, told(env, name) ?? ''))
    .map(
      (name) =>
        `${name}: holds a sample, not a secret; "rollcall init" makes real ones, and ROLLCALL_DEV=1 takes samples on this machine`,
    );
  if (faults.length > 0) throw new ConfigError(faults);
}

function isSample(name: string, value: string): boolean {
  if (/_KEY$/.test(name))
    return value
      .split(/[,:]/)
      .some((each) => SAMPLES.test(each) || (each.length === 43 && new Set(each).size < LETTERS_MIN));
  if (!URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return password !== '' && (SAMPLES.test(decoded(password)) || password === username);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
