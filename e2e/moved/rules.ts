import type { Edit } from '../fence/edited.ts';

const moved = (file: string, from: string, to: string): Edit => ({ file, from, to });
const FLOORS = 'apps/key-management/src/fence/floors.ts';

/** What keeps a moved database from deceiving anybody (`docs/proof.md`), and how its code would look without it. The specs break it there, and must see what follows. */
export const RULES = {
  /** The timeline is that of the file which is written to: the control file lags. */
  'T-MOV-1': moved(
    'libs/event-sourcing/src/proof/proof-schema.ts',
    'left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)',
    "lpad(to_hex((SELECT timeline_id FROM pg_control_checkpoint())), 8, '0')",
  ),
  /** What a gateway has followed along another copy is none of this one, whatever the numbers. */
  'T-MOV-2': moved(FLOORS, 'here.known &&', '(here.known || true) &&'),
  /** The server is compared inside the statement of the append: a connection survives a move behind a pooler. */
  'T-MOV-3': moved(
    'libs/event-sourcing/src/log/append.sql.ts',
    'FROM log_meta WHERE log_whole(proved, older) LIMIT 1',
    'FROM log_meta LIMIT 1',
  ),
  /** Whoever repeats a command hears that it was carried out once that is where it survives. */
  'T-MOV-4': moved(
    'libs/event-sourcing/src/log/postgres-event-store.ts',
    'await this.barrier();\n    return { streamId: row.stream_id',
    'return { streamId: row.stream_id',
  ),
  /** Nothing is published that may yet be lost. */
  'T-MOV-5': moved(
    'libs/bus/src/relay/relay.ts',
    'if (messages.length > 0) await barrier(this.options.pool);',
    'if (messages.length < 0) await barrier(this.options.pool);',
  ),
  /** A promotion is believed only where every standby had to confirm: an old primary goes on with another one. */
  'T-MOV-6': moved(
    'libs/event-sourcing/src/proof/evidence.ts',
    'writers.every(({ strict, listed }) => strict && listed)',
    'writers.every(({ listed }) => listed)',
  ),
  /** Versions count within an epoch. */
  'T-MOV-7': moved(
    'libs/bus/src/port/message.ts',
    'a.epoch - b.epoch || a.version - b.version',
    '0 * (a.epoch - b.epoch) || a.version - b.version',
  ),
  /** Each withdrawal has a mark: a copy that outgrew the floor by other ones has others. */
  'T-MOV-9': moved(FLOORS, 'here.mark === mark', 'here.mark !== undefined'),
  /** A commit whose wait for a standby was cut off has not succeeded. */
  'T-MOV-11': moved(
    'libs/platform/src/base/database.ts',
    "severity === 'WARNING' && code === '01000'",
    "severity === 'WARNING' && code === '01X00'",
  ),
  /** Without leases a new epoch waits for as long as the old primary may be read. */
  'T-MOV-12': moved('apps/key-management/src/fence/fence.ts', 'const READ_MS = 2_000;', 'const READ_MS = 0;'),
} satisfies Record<string, Edit>;
export type RuleName = keyof typeof RULES;
