import { type Bus, isMade, type Return, returning, takeBack } from '#bus';
import type { operations } from '#contracts';
import { formatCursor, isLost, parseCursor, PostgresEventStore, reopenIn, type Sql } from '#event-sourcing';
import { Pool } from 'pg';
import type { ServiceParts } from '../parts/service-parts.ts';

const NAMES_MAX = 1_000;

/** A log that lacks something, and where it is looked for. */
export interface OlderCopy {
  readonly parts: ServiceParts;
  readonly sql: Sql;
  readonly bus: Bus;
  /** The newest epoch that the file beside the service names. */
  readonly named: number;
}

/** What going on with a copy would do. */
export interface ReopeningPlan {
  readonly epoch: number;
  readonly beyond: number;
  readonly returns: readonly Return[];
  readonly recalled: readonly string[];
}

/** Looks at the copy, the bus, and what others have told. Changes nothing. */
export async function planReopening({ parts, sql, bus, named }: OlderCopy): Promise<ReopeningPlan> {
  const { service, publish, reopening } = parts;
  const returns = await returning({ service, sql, bus, publish, takeBack: reopening?.takeBack });
  const { rows } = await sql.query<{ epoch: number }>('SELECT epoch FROM log_meta');
  const beyond = Math.max(
    rows[0]?.epoch ?? 0,
    named,
    (await reopening?.heardOf?.(sql)) ?? 0,
    ...returns.map(({ message }) => parseCursor(message.position).epoch),
  );
  return { epoch: beyond + 1, beyond, returns, recalled: (await reopening?.recalled?.(sql)) ?? [] };
}

/** The plan for people: what comes back, and by name what does not. */
export function described({ epoch, returns, recalled }: ReopeningPlan) {
  const gone = returns.filter((each) => !isMade(each));
  return {
    epoch,
    lost: counted(gone),
    takenBack: counted(returns.filter(isMade)),
    fillers: returns.reduce((sum, { events }) => sum + events.slice(0, -1).filter(isLost).length, 0),
    names: gone.slice(0, NAMES_MAX).map(({ message: { key, version, type } }) => ({ streamId: key, version, type })),
    recalled: [...recalled],
  } satisfies Partial<operations.ReopenLogResponse>;
}

function counted(returns: readonly Return[]): operations.LostFacts[] {
  return [...Map.groupBy(returns, ({ message }) => message.type)]
    .map(([type, facts]) => ({ type, count: facts.length }))
    .sort((a, b) => a.type.localeCompare(b.type));
}

/**
 * Goes on with the copy, in one transaction of its owner: nobody sees the log open without what was taken back, and a crash leaves it as it
 * was. Planned anew, from what is there when it begins.
 */
export async function reopen(
  copy: OlderCopy,
  { ownerUrl, evidence, at }: { readonly ownerUrl: string; readonly evidence: object; readonly at: Date },
): Promise<ReopeningPlan> {
  const { parts } = copy;
  const owner = new Pool({ connectionString: ownerUrl, max: 2 });
  try {
    const plan = await planReopening(copy);
    const store = new PostgresEventStore(owner, {
      ...(parts.inline ? { inline: parts.inline } : {}),
      ...(parts.withCommit ? { withCommit: parts.withCommit } : {}),
      ...(parts.personKeys ? { personKeys: parts.personKeys } : {}),
    });
    await store.transaction(async (within, tx) => {
      await reopenIn(tx, { beyond: plan.beyond, evidence: { ...evidence, ...described(plan) } });
      await takeBack(within, plan.returns);
      const lost = plan.returns.filter((each) => !isMade(each)).map(({ message }) => message);
      await parts.reopening?.finish?.(tx, within, { at, lost });
    });
    return plan;
  } finally {
    await owner.end();
  }
}

/** Where a log ends, and when that was written; empty for a log without events. */
export async function endOf(sql: Sql): Promise<{ head: string; writtenAt: string }> {
  const { rows } = await sql.query<{ log_epoch: number; txid: string; pos: string; recorded_at: Date }>(
    'SELECT log_epoch, txid::text, pos, recorded_at FROM events ORDER BY log_epoch DESC, events.txid DESC, pos DESC LIMIT 1',
  );
  const row = rows[0];
  if (!row) return { head: '', writtenAt: '' };
  const head = formatCursor({ epoch: row.log_epoch, txid: BigInt(row.txid), pos: BigInt(row.pos) });
  return { head, writtenAt: row.recorded_at.toISOString() };
}
