import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Judged } from './judged.ts';
import { mutate, type Mutant } from './mutants.ts';
import { SURVIVORS } from './survivors.ts';
import { type Target, TARGETS } from './targets.ts';

// A program: `npm run mutate [-- part-of-a-path…]`. Each mutant of a target must be found by its specs: 90 of 100, and the rest by name.
const FOUND_MIN = 0.9;
const SAMPLE = 200;
const [SILENT_MIN_MS, SILENT_MAX_MS] = [10_000, 180_000];
/** Specs take a tenth of it. A mutant that goes on without end ends by it, and not by the memory of the machine. */
const HEAP_MAX_MB = 400;
const PAGE = 'docs/mutation.md';
const {
  values: { write, seed },
  positionals,
} = parseArgs({
  options: { write: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});

interface Result {
  readonly target: Target;
  readonly mutants: readonly Mutant[];
  readonly survivors: readonly Mutant[];
  readonly seconds: number;
}

/** Of one process: what it said of each mutant; one during which it fell silent or ended was found. */
function judge(
  { file, specs }: Target,
  ids: readonly number[],
  awake?: number,
): Promise<Map<Judged['id'], string | undefined>> {
  const said = new Map<Judged['id'], string | undefined>();
  return new Promise((done) => {
    const child = fork(
      join(import.meta.dirname, 'judge.program.ts'),
      [file, JSON.stringify(specs), JSON.stringify(ids), ...(awake === undefined ? [] : [String(awake)])],
      {
        execArgv: ['--conditions=source', '--no-warnings', `--max-old-space-size=${HEAP_MAX_MB}`],
        stdio: ['ignore', 'ignore', process.env.MUTATE_LOUD === undefined ? 'ignore' : 'inherit', 'ipc'],
      },
    );
    let watch: NodeJS.Timeout | undefined;
    const began = performance.now();
    let silentMaxMs = SILENT_MAX_MS;
    const listen = () => {
      clearTimeout(watch);
      watch = setTimeout(() => child.kill('SIGKILL'), silentMaxMs);
    };
    listen();
    child
      .on('message', ({ id, failure }: Judged) => {
        said.set(id, failure);
        // With a mutant that goes on without end they never end; with any other they end as they did before, or earlier.
        if (id === 'before') silentMaxMs = Math.max(SILENT_MIN_MS, 4 * (performance.now() - began));
        listen();
      })
      .once('exit', () => {
        clearTimeout(watch);
        done(said);
      });
  });
}

async function measure(target: Target): Promise<Result> {
  const began = performance.now();
  const mutants =
    target.part === 'append'
      ? sample(mutate(readFileSync(target.file, 'utf8')).mutants)
      : mutate(readFileSync(target.file, 'utf8')).mutants;
  const survived = new Set<number>();
  let rest = mutants.filter(({ isStatic }) => !isStatic).map(({ id }) => id);
  do {
    const said = await judge(target, rest);
    if (!said.has('before')) throw new Error(`the specs of ${target.file} did not end`);
    if (said.get('before') !== undefined)
      throw new Error(`the specs of ${target.file} fail as the source is: ${said.get('before') ?? ''}`);
    for (const id of rest) if (said.has(id) && said.get(id) === undefined) survived.add(id);
    if (said.has('after') && said.get('after') !== undefined)
      throw new Error(`the specs of ${target.file} are spoiled by a mutant: ${said.get('after') ?? ''}`);
    // The first of which nothing was said hung or ended the process: it is found.
    rest = said.has('after') ? [] : rest.filter((id) => !said.has(id)).slice(1);
  } while (rest.length > 0);
  // Code that runs once a process (when a file is loaded, or before it is kept in memory) is asked of one in which the mutant was awake from the
  // start.
  for (const { id } of mutants.filter(({ id: each, isStatic }) => isStatic || survived.has(each))) {
    const said = await judge(target, [], id);
    if (said.has(id) && said.get(id) === undefined) survived.add(id);
    else survived.delete(id);
  }
  const survivors = mutants.filter(({ id }) => survived.has(id));
  return { target, mutants, survivors, seconds: (performance.now() - began) / 1_000 };
}

/** The same of the same file: a linear congruential generator (Numerical Recipes), from the seed. */
function sample(mutants: readonly Mutant[]): Mutant[] {
  let state = Number(seed);
  const chance = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
  return mutants
    .map((mutant) => ({ mutant, at: chance() }))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, SAMPLE)
    .map(({ mutant }) => mutant)
    .toSorted((a, b) => a.id - b.id);
}

const reasonOf = ({ file }: Target, { key }: Mutant) => SURVIVORS[file]?.[key];
const targets = TARGETS.filter(
  ({ part, file }) => positionals.length === 0 || positionals.some((each) => file.includes(each) || part === each),
);
const needsServer = targets.some(({ specs }) => specs.some((spec) => spec.endsWith('.int.spec.ts')));
// The servers of the tests are written as Jest reads them.
if (needsServer) await import('./hooks.ts');
if (needsServer) await (await import('../../libs/testing/src/global-setup.ts')).default();
const results: Result[] = [];
try {
  for (const target of targets) {
    const result = await measure(target);
    results.push(result);
    console.log(
      `${target.file}: ${result.mutants.length - result.survivors.length} of ${result.mutants.length} found in ${result.seconds.toFixed(0)} s`,
    );
    for (const survivor of result.survivors)
      console.log(
        `  ${reasonOf(target, survivor) === undefined ? 'NOT FOUND' : 'known'} ${survivor.line}: ${survivor.key}`,
      );
  }
} finally {
  if (needsServer) await (await import('../../libs/testing/src/global-teardown.ts')).default();
}

if (write) writeFileSync(PAGE, page());
const [all, lost] = [
  results.reduce((sum, { mutants }) => sum + mutants.length, 0),
  results.flatMap(({ target, survivors }) => survivors.map((survivor) => ({ target, survivor }))),
];
const unexplained = lost.filter(({ target, survivor }) => reasonOf(target, survivor) === undefined);
console.log(
  `${all - lost.length} of ${all} mutants found; ${unexplained.length} of the rest have no reason in tools/mutate/survivors.ts`,
);
if (unexplained.length > 0 || (all - lost.length) / all < FOUND_MIN) process.exitCode = 1;

/** Of what was measured now, and of all else as the page has it. */
function page(): string {
  const cell = (text: string) => `\`${text.replaceAll('|', '\\|').replaceAll('`', '´')}\``;
  const known = Map.groupBy(readFileSync(PAGE, 'utf8').split('\n'), (line) => /^\| ([\w./-]+\.ts)\b/.exec(line)?.[1]);
  const measured = new Map(results.map((result) => [result.target.file, result]));
  const files = TARGETS.map(({ file, part }) => {
    const result = measured.get(file);
    const [row = '', ...rest] = result
      ? [
          `| ${file} | ${part} | ${result.mutants.length} | ${result.mutants.length - result.survivors.length} |`,
          ...result.survivors.map(
            (survivor) =>
              `| ${file}:${survivor.line} | ${cell(survivor.key)} | ${reasonOf(result.target, survivor) ?? '**none**'} |`,
          ),
        ]
      : (known.get(file) ?? []);
    const [made = 0, found = 0] = row.split(' | ').slice(2).map(Number.parseFloat);
    return { part, row, rest, made, found };
  }).filter(({ row }) => row !== '');
  const sum = (of: typeof files, what: 'made' | 'found') => of.reduce((all, each) => all + each[what], 0);
  const parts = [...Map.groupBy(files, ({ part }) => part)].map(([part, of]) => {
    const [made, found] = [sum(of, 'made'), sum(of, 'found')];
    return `| ${part} | ${of.length} | ${made} | ${found} | ${((found / made) * 100).toFixed(1)} % |`;
  });
  return `# What the tests are worth

\`npm run mutate\` makes small wrong edits (a condition turned, a bound moved, a literal changed, a statement left out) one by one, and asks whether the specs of the file find each.
Written by \`npm run mutate -- --write\`, which renews what it has measured; of each file of the append a sample of ${SAMPLE} by seed. At least ${FOUND_MIN * 100} of 100 must be found, and each of the rest has a reason in \`tools/mutate/survivors.ts\`.
SQL is a text here, which no mutant changes. Files of a part that are missing below are not measured yet.

| part | files | mutants | found | share |
|---|---|---|---|---|
${parts.join('\n')}

## By file

| file | part | mutants | found |
|---|---|---|---|
${files.map(({ row }) => row).join('\n')}

## Not found

| where | mutant | why no test finds it |
|---|---|---|
${files.flatMap(({ rest }) => rest).join('\n')}
`;
}
