import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { LogSource, PostgresEventStore, type Promoted, verify } from '#event-sourcing';
import type { Pool } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { v7 as uuid } from 'uuid';
import { keyDirectory } from '../../apps/key-management/src/key/key-directory.projection.ts';
import { type KeyLog, startKeyLog } from './key-log.ts';
import type { ResultRow, Run } from './result.ts';
import { median, ratio, type Window } from './rounds.ts';

const KEYS = 400_000;
const EVENTS = KEYS * 2.5;
const PACE_MS = 5;
const TARGET = { perSecond: 200_000, pauseMs: 50 };

type Outcome = Promoted & { readonly filledMs: number; readonly wholeMs: number; readonly processorMs: number };

/**
 * P9: a million events made anew beside the live table, by a process of its own. Alone, in turns with its floor (the same
 * events by COPY and JSON.parse, and the rows by COPY); then once under load, killed in the middle and begun again.
 */
export const run: Run = async ({ rounds }) => {
  const log = await startKeyLog(KEYS);
  const failures: unknown[] = [];
  try {
    await rebuilt(log, { first: true });
    const [ours, floor, whole, pauses, processor]: [Window[], Window[], number[], number[], number[]] = [
      [],
      [],
      [],
      [],
      [],
    ];
    for (let round = 0; round < rounds; round++) {
      const outcome = await rebuilt(log);
      ours.push({ perSecond: EVENTS / (outcome.filledMs / 1000), wrongAnswers: 0 });
      whole.push(EVENTS / (outcome.wholeMs / 1000));
      pauses.push(outcome.pauseMs);
      processor.push(outcome.processorMs);
      floor.push(await copyAndParse(log.pool));
    }
    const stop = load(log.pool, failures);
    await rebuilt(log, { kill: 'indexing' });
    const resumed = await rebuilt(log);
    const { appended, asked, slowestMs } = await stop();
    const checked = await verify(
      { ownerDatabaseUrl: log.url, sources: [new LogSource(keyDirectory, 'inline')], who: 'the benchmark' },
      'key-directory',
    );
    const wrong = failures.length + (checked.equal ? 0 : 1) + ((resumed.checksums[0]?.rows ?? 0) >= KEYS ? 0 : 1);
    const perSecond = Math.round(median(ours.map((window) => window.perSecond)));
    const pauseMs = Math.max(...pauses, resumed.pauseMs);
    const rows: ResultRow[] = [
      {
        id: 'P9',
        against: 'rebuild: COPY out, JSON.parse, COPY in of the same',
        ours: perSecond,
        theirs: Math.round(median(floor.map((window) => window.perSecond))),
        ratio: ratio(ours, floor),
        target: `>= ${TARGET.perSecond} events/s`,
        met: perSecond >= TARGET.perSecond && wrong === 0,
        wrongAnswers: wrong,
      },
      {
        id: 'P9',
        against: 'rebuild: pause of the swap, ms, the longest of all, also under load',
        value: pauseMs,
        target: `<= ${TARGET.pauseMs} ms`,
        met: pauseMs <= TARGET.pauseMs,
        wrongAnswers: wrong,
      },
    ];
    return {
      setting: `${EVENTS} events of ${KEYS} keys, fsync on, the rebuild in a process of its own`,
      rows,
      note:
        `With indexes, comparison and swap: ${Math.round(median(whole))} events/s. Processor time of the rebuilding process: ${((median(processor) / EVENTS) * 1000).toFixed(2)} us an event, all phases. ` +
        `Under load (${appended} appends and ${asked} queries meanwhile, the slowest ${Math.round(slowestMs)} ms) it was killed while it made its indexes and begun again: ${failures.length} failed, checksums ${checked.equal ? 'equal' : 'differ'}.`,
    };
  } finally {
    await log.stop();
  }
};

/** One rebuild; the first makes the live table from the log. Killed where it is told to be, it has no outcome worth looking at. */
async function rebuilt(log: KeyLog, { first = false, kill = '' } = {}): Promise<Outcome> {
  if (first) {
    const { rebuild } = await import('#event-sourcing');
    await rebuild(
      { ownerDatabaseUrl: log.url, sources: [new LogSource(keyDirectory, 'inline')], who: 'the benchmark' },
      'key-directory',
      { evenIfDifferent: true },
    );
  }
  const child = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'rebuild.program.js'), log.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let outcome: Outcome | undefined;
  createInterface(child.stdout).on('line', (line) => {
    if (line.startsWith('outcome ')) outcome = JSON.parse(line.slice(8)) as Outcome;
    if (kill !== '' && line.startsWith(`phase ${kill}`)) child.kill('SIGKILL');
  });
  await new Promise((ended) => child.once('close', ended));
  if (outcome) return outcome;
  if (kill === '') throw new Error('the rebuild failed: see above');
  return {
    name: '',
    n: 0,
    state: 'ready',
    done: 0,
    rate: 0,
    checksums: [],
    pauseMs: 0,
    tries: 0,
    filledMs: 0,
    wholeMs: 0,
    processorMs: 0,
  };
}

/** What cannot be left out: the events leave the server, their data is parsed, and the rows come back into a table without indexes. */
async function copyAndParse(pool: Pool): Promise<Window> {
  const client = await pool.connect();
  const from = performance.now();
  let text = '';
  const decoder = new TextDecoder();
  let parsed = 0;
  const lines: string[] = [];
  for await (const chunk of client.query(
    copyTo(
      'COPY (SELECT stream_id, version, type, data, occurred_at FROM events ORDER BY stream_id, version) TO STDOUT',
    ),
  ) as AsyncIterable<Buffer>) {
    const parts = (text + decoder.decode(chunk, { stream: true })).split('\n');
    text = parts.pop() ?? '';
    for (const line of parts) {
      const [stream = '', version = '', , data = '{}'] = line.split('\t');
      JSON.parse(data.replaceAll('\\\\', '\\'));
      parsed++;
      if (version === '1')
        lines.push(
          `${stream.slice(4)}\t${stream}\t${stream.slice(4)}\t${stream.slice(4)}\t${stream.slice(4)}\tlaptop\trc_123456\t{jobs:read,jobs:write}\t2026-01-01 00:00:00+00\t\\N\t\\N\n`,
        );
    }
  }
  await client.query('CREATE TABLE IF NOT EXISTS floor_keys (LIKE key_directory)');
  await client.query('TRUNCATE floor_keys');
  const into = client.query(copyFrom('COPY floor_keys FROM STDIN'));
  for (let at = 0; at < lines.length; at += 4_000)
    if (!into.write(lines.slice(at, at + 4_000).join(''))) await new Promise((drained) => into.once('drain', drained));
  await new Promise<void>((done, failed) => {
    into.once('error', failed);
    into.end(() => {
      done();
    });
  });
  client.release();
  return { perSecond: parsed / ((performance.now() - from) / 1000), wrongAnswers: parsed === EVENTS ? 0 : 1 };
}

/** Appends and queries at an even pace, each failure kept. */
function load(pool: Pool, failures: unknown[]): () => Promise<{ appended: number; asked: number; slowestMs: number }> {
  let stopped = false;
  const counts = { appended: 0, asked: 0, slowestMs: 0 };
  const store = new PostgresEventStore(pool, { inline: [keyDirectory] });
  const steadily = async (work: () => Promise<unknown>, count: () => void) => {
    while (!stopped) {
      const from = performance.now();
      await work().then(count, (error: unknown) => failures.push(error));
      counts.slowestMs = Math.max(counts.slowestMs, performance.now() - from);
      await pause(PACE_MS);
    }
  };
  const id = () => uuid();
  const issue = () =>
    store.append({
      streamId: `key-${id()}`,
      expectedVersion: 0,
      cause: { at: new Date(), correlationId: 'c', actor: 'service:bench' },
      events: [
        {
          type: 'KeyIssued',
          data: {
            digest: id(),
            accountId: id(),
            projectId: id(),
            organizationId: id(),
            name: 'laptop',
            start: 'rc_1',
            scopes: ['jobs:read'],
            worksUntil: null,
          },
        },
      ],
    });
  const ask = () =>
    pool.query({ name: 'ask', text: 'SELECT * FROM key_directory WHERE digest = $1', values: ['nobody'] });
  const running = [
    steadily(issue, () => {
      counts.appended++;
    }),
    steadily(issue, () => {
      counts.appended++;
    }),
    steadily(ask, () => {
      counts.asked++;
    }),
  ];
  return async () => {
    stopped = true;
    await Promise.all(running);
    return counts;
  };
}
