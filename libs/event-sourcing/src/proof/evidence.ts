/** What became of the server that a log was last proved on. `first`: it was never proved on any. */
export type Move = 'first' | 'restarted' | 'promoted' | 'foreign';

/** A process that wrote to the log shortly before its server was replaced. */
export interface WriterEvidence {
  /** `lived`: it has found all that it was promised. `left`: it had stopped cleanly. `died`: it says nothing. */
  readonly state: 'lived' | 'left' | 'died';
  /** Whether its last heartbeat, and so all before it, had to be confirmed by every standby that the primary named. */
  readonly strict: boolean;
  /** Whether this server is one of those. */
  readonly listed: boolean;
}

/** What witnesses outside of the database say: `none`: they know nothing that the log lacks. */
export type Witness = 'ahead' | 'none' | 'silent';

/** All that is known of a log whose server is not the one that it was proved on. */
export interface MoveEvidence {
  readonly move: Move;
  readonly writers: readonly WriterEvidence[];
  /** The newest own facts on a bus that does not lie in the same cluster; one that does can only contradict. */
  readonly bus: Witness;
  /** The file beside the service that names what was acknowledged last. */
  readonly file: Witness;
  /** A backup was being taken of the database when this copy was made. */
  readonly copied: boolean;
  /** Whether a file alone is not enough (`BUS_REQUIRED`). */
  readonly busRequired: boolean;
}

/** `wait`: somebody may still say; `person`: nobody can, but an operator who looks. */
export type Judgement =
  | { readonly is: 'whole'; readonly because: string }
  | { readonly is: 'older' | 'wait' | 'person'; readonly because: string };

/** What a witness that knows more says of a log. */
const AHEAD = {
  bus: 'the bus has events of it that it does not have: the database is an older copy',
  file: 'a file beside the service names events of it that it does not have: the database is an older copy',
};

/**
 * Whether a log may be gone on with. "Older" wins over everything; whole is what somebody has proved; the rest waits. A promotion is proved
 * only where the old primary can acknowledge nothing any more, and where all that it had acknowledged had to be here.
 */
export function judgeMove(evidence: MoveEvidence): Judgement {
  const { move, writers, bus, file, copied, busRequired } = evidence;
  if (bus === 'ahead' || file === 'ahead') return { is: 'older', because: AHEAD[bus === 'ahead' ? 'bus' : 'file'] };
  const lived = writers.some(({ state }) => state === 'lived');
  switch (move) {
    case 'foreign':
      return {
        is: 'person',
        because: 'the database is a copy of the one that this log was written in, restored or promoted',
      };
    case 'promoted':
      if (writers.length > 0 && writers.every(({ strict, listed }) => strict && listed))
        return { is: 'whole', because: 'this standby had to confirm all that was acknowledged' };
      return {
        is: 'person',
        because:
          'the database is a standby that was promoted, and the one before did not wait for all its standbys, or not for this one: it may have acknowledged more, and may go on doing so',
      };
    case 'restarted':
    case 'first':
      if (lived) return { is: 'whole', because: 'a process that lived through it has found all that it was promised' };
      if (bus === 'none') return copied && file !== 'none' ? A_COPY : { is: 'whole', because: 'the bus knows no more' };
      if (busRequired) return { is: 'wait', because: SILENT };
      if (file === 'none') return { is: 'whole', because: 'the file beside the service knows no more' };
      if (copied) return A_COPY;
      return { is: 'wait', because: SILENT };
  }
}

const A_COPY: Judgement = {
  is: 'person',
  because: 'the database is a copy that a backup made of the one that this log was written in',
};

const SILENT =
  'this service and its database were just started, and nobody who could know more of its log than it holds has answered yet';

/** Whether every standby that a primary names must confirm a commit: nobody else can be promoted and lack it. As `synchronous_standby_names` and `synchronous_commit` were. */
export const isStrict = (standbys: string, commits: string): boolean => whyNotStrict(standbys, commits) === undefined;

/** Why a promoted standby may lack what was acknowledged; undefined where none can. */
export function whyNotStrict(standbys: string, commits: string): string | undefined {
  const { count, names } = parseStandbys(standbys);
  if (names.length === 0) return 'synchronous_standby_names is empty: no commit waits for a standby';
  if (names.includes('*')) return 'synchronous_standby_names has a *: nobody knows which standbys have confirmed';
  if (count !== names.length)
    return `synchronous_standby_names waits for ${count} of ${names.length}: another one may lack what was acknowledged, and the primary may go on with it`;
  if (commits !== 'on' && commits !== 'remote_apply')
    return commits === 'fsync off'
      ? 'fsync is off: what was acknowledged may be on no disk'
      : `synchronous_commit is ${commits}: a commit is acknowledged before the standbys have it on their disks`;
  return undefined;
}

/** Whether a server (its `cluster_name`) is one that the primary named. */
export const isListed = (standbys: string, cluster: string): boolean =>
  cluster !== '' && parseStandbys(standbys).names.includes(cluster.toLowerCase());

/** `ANY 2 (a, b)`, `FIRST 1 (a, b)`, `2 (a, b)` or `a, b`, as PostgreSQL reads it: names in any case, quoted or not. */
function parseStandbys(text: string): { count: number; names: string[] } {
  const form = /^\s*(?:(?:ANY|FIRST)\s+)?(\d+)\s*\((.*)\)\s*$/is.exec(text);
  const list = form?.[2] ?? text;
  const names = list
    .split(',')
    .map((name) =>
      name
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .toLowerCase(),
    )
    .filter((name) => name !== '');
  return { count: form ? Number(form[1]) : 1, names };
}
