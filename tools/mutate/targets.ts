import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file whose mutants the specs must find. */
export interface Target {
  readonly part: string;
  readonly file: string;
  readonly specs: readonly string[];
}

const unitSpecs = (folder: string) =>
  globSync('*.spec.ts', { cwd: folder })
    .filter((name) => !/\.(int|e2e)\.spec\.ts$/.test(name))
    .map((name) => join(folder, name))
    .sort();
const STREAMS = 'e2e/services/streams.spec.ts';
const DECISION = 'libs/event-sourcing/src/decision';
const LOG = 'libs/event-sourcing/src/log';
const GATE = 'apps/gateway/src/gate';
const OIDC = 'apps/identity/src/single-sign-on/oidc';
const FENCE = 'apps/key-management/src/fence';

/** The spec beside a file; of two the one that needs no server, which is run a hundred times while the other one starts. */
const beside = (file: string) =>
  [file.replace(/\.ts$/, '.spec.ts'), file.replace(/\.ts$/, '.int.spec.ts')]
    .filter((spec) => existsSync(spec))
    .slice(0, 1);
const besideOr = (file: string, ...others: string[]) => (beside(file).length > 0 ? beside(file) : others);
const gateFiles = globSync('*.ts', { cwd: GATE })
  .filter((name) => !/\.(spec|fixture)\./.test(name))
  .sort();

/** What is measured. */
export const TARGETS: readonly Target[] = [
  ...globSync('apps/*/src/**/*.{decider,process}.ts')
    .sort()
    .map((file) => ({
      part: 'deciders',
      file,
      specs: [...new Set([...beside(file), ...unitSpecs(dirname(file)), STREAMS])],
    })),
  ...['handle', 'load', 'overtaken'].map((name) => ({
    part: 'handle',
    file: `${DECISION}/${name}.ts`,
    specs: beside(`${DECISION}/${name}.ts`).concat(name === 'handle' ? `${LOG}/reservations.int.spec.ts` : []),
  })),
  ...gateFiles.map((name) => ({
    part: 'gate',
    file: join(GATE, name),
    specs: besideOr(join(GATE, name), join(GATE, 'authz.int.spec.ts'), 'apps/gateway/src/edge/admission.int.spec.ts'),
  })),
  ...['claims', 'discovery', 'explained', 'logout-token', 'open-id-connect'].map((name) => ({
    part: 'oidc',
    file: `${OIDC}/${name}.ts`,
    specs: besideOr(`${OIDC}/${name}.ts`, `${OIDC}/open-id-connect.spec.ts`),
  })),
  ...['outbound', 'public-address'].map((name) => ({
    part: 'outbound',
    file: `libs/platform/src/outbound/${name}.ts`,
    specs: [`libs/platform/src/outbound/${name}.spec.ts`],
  })),
  // In time that is quick: the spec of the whole fence waits for leases.
  { part: 'fence', file: `${FENCE}/fence.ts`, specs: [`${FENCE}/fence-waits.int.spec.ts`] },
  ...['fence.query', 'withdrawals', 'foreign-withdrawals'].map((name) => ({
    part: 'fence',
    file: `${FENCE}/${name}.ts`,
    specs: beside(`${FENCE}/${name}.ts`),
  })),
  // The quickest first: a mutant that it finds costs no more.
  ...['postgres-event-store', 'postgres-streams'].map((name) => ({
    part: 'append',
    file: `${LOG}/${name}.ts`,
    specs: ['append', 'append-many', 'personal-data', 'reservations', 'order']
      .map((spec) => `${LOG}/${spec}.int.spec.ts`)
      .concat(name === 'postgres-streams' ? `${DECISION}/load.int.spec.ts` : []),
  })),
  { part: 'append', file: `${LOG}/row.ts`, specs: beside(`${LOG}/row.ts`) },
  { part: 'append', file: `${LOG}/transaction.ts`, specs: beside(`${LOG}/transaction.ts`) },
  ...globSync([
    'libs/platform/src/tokens/*.ts',
    'libs/platform/src/rpc/caller*.ts',
    'apps/gateway/src/http/{body,credentials,methods,read}.ts',
  ])
    .filter((file) => !file.endsWith('.spec.ts'))
    .sort()
    .map((file) => ({ part: 'credentials', file, specs: beside(file) })),
];
