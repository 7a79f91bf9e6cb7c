import { setTimeout as pause } from 'node:timers/promises';
import type { InboxRunner, Relay } from '#bus';
import type { operations, Topic } from '#contracts';
import type { LogProof, Sql } from '#event-sourcing';
import type { OwnerHistory } from '../history/owner-history.ts';

const SHOWN_MAX = 5;
const SETTLE = { tries: 20, everyMs: 250 };

const finding = (invariant: string, broken: readonly string[], holds: string, next: string): operations.Finding =>
  broken.length === 0
    ? { invariant, outcome: 'ok', says: holds, next: '' }
    : {
        invariant,
        outcome: 'fail',
        says:
          broken.slice(0, SHOWN_MAX).join('; ') +
          (broken.length > SHOWN_MAX ? `; and ${broken.length - SHOWN_MAX} more` : ''),
        next,
      };

/** I1: every stream counts 1 to its version; no event is without its stream, and no stream without its events. */
export async function streamsAreWhole(sql: Sql): Promise<operations.Finding> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT coalesce(s.id, e.stream_id) AS id FROM streams s FULL JOIN (SELECT stream_id, min(version) AS first, max(version) AS last, count(*) AS count FROM events GROUP BY 1) e ON e.stream_id = s.id
      WHERE s.id IS NULL OR e.stream_id IS NULL OR first <> 1 OR last <> count OR last <> s.version LIMIT 100`,
  );
  return finding(
    'I1',
    rows.map(({ id }) => `${id} has holes`),
    'every stream counts 1 to its version',
    'bring back a backup of this database and ask for help: events are missing',
  );
}

/** I1: the log is the one that the epoch was opened for, and no follower knows more of it than it holds. */
export async function logIsKnown(proof: LogProof, service: string): Promise<operations.Finding> {
  const broken = await proof.require().then(
    () => [],
    (error: unknown) => [error instanceof Error ? error.message : 'it could not be looked at'],
  );
  return finding('I1', broken, 'the log is in the database that it was opened in', `rollcall log reopen ${service}`);
}

/** I1: what was published never ran ahead of the log. */
export async function publishedIsWritten(sql: Sql): Promise<operations.Finding> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT r.stream_id AS id FROM relay_versions r LEFT JOIN streams s ON s.id = r.stream_id WHERE s.id IS NULL OR r.version > s.version LIMIT 100`,
  );
  return finding(
    'I1',
    rows.map(({ id }) => `${id} was published further than it is written`),
    'nothing was published that is not in the log',
    'rollcall log reopen <service>',
  );
}

/**
 * I1, for what comes from others: applied and parked together are all that the owner has published. Looked at again for a
 * while, as facts may be on their way. A stream of which an operator has left something out is theirs to judge.
 */
export async function nothingIsMissed(
  sql: Sql,
  consumer: string,
  topics: readonly string[],
  history: OwnerHistory,
): Promise<operations.Finding> {
  let missed: string[] = [];
  for (let tries = 0; tries < SETTLE.tries; tries++) {
    missed = await missing(sql, consumer, topics, history);
    if (missed.length === 0) break;
    await pause(SETTLE.everyMs);
  }
  return finding(
    'I1',
    missed,
    'all that others have published is applied or parked',
    `rollcall inbox restart ${consumer} <topic>`,
  );
}

async function missing(
  sql: Sql,
  consumer: string,
  topics: readonly string[],
  history: OwnerHistory,
): Promise<string[]> {
  // A parked message may never have been published: the operator who looks at it decides that.
  const { rows } = await sql.query<{ stream_id: string; version: number; applied: number }>(
    `SELECT stream_id, max(version) AS version, coalesce(max(version) FILTER (WHERE applied), 0) AS applied FROM (
       SELECT stream_id, last_version AS version, true AS applied FROM inbox_versions WHERE consumer = $1 UNION ALL SELECT stream_id, version, false FROM parked WHERE consumer = $1) AS seen
      WHERE stream_id NOT IN (SELECT stream_id FROM parked WHERE consumer = $1 AND state = 'skipped') GROUP BY 1`,
    [consumer],
  );
  const { rows: left } = await sql.query<{ stream_id: string }>(
    `SELECT DISTINCT stream_id FROM parked WHERE consumer = $1 AND state = 'skipped'`,
    [consumer],
  );
  const skipped = new Set(left.map(({ stream_id: id }) => id));
  const seen = new Map(rows.map(({ stream_id: id, version }) => [id, version]));
  const published = new Map<string, number>();
  for (const owned of Map.groupBy(topics, (topic) => topic.slice(0, topic.indexOf('.'))).values()) {
    for await (const messages of history.all(owned as Topic[]))
      for (const { key, version } of messages) published.set(key, version);
  }
  return [
    ...[...published]
      .filter(([id, version]) => !skipped.has(id) && (seen.get(id) ?? 0) < version)
      .map(([id, version]) => `${id} is known up to version ${seen.get(id) ?? 0} of ${version}`),
    ...rows
      .filter(({ stream_id: id, applied }) => applied > (published.get(id) ?? 0))
      .map(({ stream_id: id }) => `${id} is known further than its owner has published`),
  ];
}

/** I5 and I8: nothing waits for a hand. */
export async function nothingWaits(sql: Sql): Promise<operations.Finding> {
  const { rows } = await sql.query<{ stream_id: string; error: string | null }>(
    `SELECT DISTINCT ON (stream_id) stream_id, error FROM parked WHERE state = 'failed' ORDER BY stream_id, version LIMIT 100`,
  );
  const found = finding(
    'I8',
    rows.map(({ stream_id: id, error }) => `${id} is parked (${error ?? 'no reason was kept'})`),
    'nothing waits for an operator',
    'rollcall parked list',
  );
  return found.outcome === 'ok' ? found : { ...found, outcome: 'warn' };
}

/** I7: ready, or not ready and why. */
export function readyOrSaysWhy(relay: Relay, inbox: InboxRunner | undefined): operations.Finding {
  return finding(
    'I7',
    [...(relay.fault === undefined ? [] : [`the relay stands still: ${relay.fault}`]), ...(inbox?.faults ?? [])],
    'relay and inbox are at work',
    'rollcall status',
  );
}
