import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { newInstallation } from '../../apps/ops/src/env-file.ts';

interface Container {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly restart?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const root = join(import.meta.dirname, '..', '..');
/** docker-compose.yml. */
export const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
export const { services: containers, volumes } = parse(text, { merge: true }) as {
  services: Record<string, Container>;
  volumes: Record<string, unknown>;
};
export const container = (name: string): Container => containers[name] ?? { image: '' };
export const variables = (name: string) => Object.entries(container(name).environment ?? {});

export const REFERENCE = /^\$\{(\w+)(?::([?-])(.*))?\}$/;

/** What a container is told when `.env` holds these values. */
export function told(name: string, values: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return Object.fromEntries(
    variables(name).map(([variable, value]) => {
      const [, source, sign, otherwise = ''] = REFERENCE.exec(value) ?? [];
      if (source === undefined) return [variable, value];
      if (sign === '?' && !values[source]) throw new Error(`${name}: ${source} is needed, and init does not write it`);
      return [variable, values[source] ?? otherwise];
    }),
  );
}

/** What `rollcall init` writes. */
export const written = (smtpUrl?: string) =>
  Object.fromEntries(
    newInstallation({
      origin: 'http://localhost:8080',
      port: 8080,
      smtpUrl,
      mailFrom: 'Rollcall <no-reply@localhost>',
    }).flatMap((line) => ('name' in line ? [[line.name, line.value.replaceAll('\n', '\\n')]] : [])),
  );
