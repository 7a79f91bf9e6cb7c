import type { identity } from '#contracts';
import type { Sql } from '#event-sourcing';
import type { AccountStatus, Factor } from '../account/vocabulary.decider.ts';
import { demandsOf } from '../demand/demands.query.ts';
import { type OpenSession } from '../session/sessions.query.ts';

/** How long a proof counts for changes of what proves the account. */
export const PROOF_MS = 15 * 60_000;

interface Use {
  factor_id: string;
  last_used_at: Date | null;
  backed_up: boolean;
}

/** What proves an account, for its holder. Only a session's own proof is told. */
export async function securityView(
  sql: Sql,
  accountId: string,
  state: AccountStatus,
  session: OpenSession,
  now: Date,
): Promise<identity.SecurityView> {
  const { rows } = await sql.query<Use>(
    'SELECT factor_id, last_used_at, backed_up FROM factor_uses WHERE account_id = $1',
    [accountId],
  );
  const { secondFactor } = await demandsOf(sql, accountId);
  const uses = new Map(rows.map((row) => [row.factor_id, row]));
  const provenUntil = new Date(session.provedAt.getTime() + PROOF_MS);
  const { password, codes, addressChange, recovery } = state;
  return {
    ...(password?.hash === undefined ? {} : { passwordSetAt: password.at }),
    passwordAlone: password?.alone ?? false,
    multiFactor: state.multiFactor,
    factors: state.factors.map((factor) => factorView(factor, uses.get(factor.factorId))),
    codesLeft: codes ? codes.digests.length - codes.spent.length : 0,
    ...(provenUntil > now ? { provenUntil: provenUntil.toISOString() } : {}),
    ...(addressChange ? { pendingAddress: addressChange.email } : {}),
    ...(recovery ? { recoveryDueAt: recovery.dueAt ?? '' } : {}),
    demandedBy: [...(secondFactor?.organizationIds ?? [])],
    proofAccepts: proofAccepts(state, session),
  };
}

/** What proves a session anew: what signing in would ask. No recovery code: it is for those who have nothing else. */
export function proofAccepts(
  { password, multiFactor, factors }: AccountStatus,
  { connectionId }: Pick<OpenSession, 'connectionId'>,
): string[] {
  const has = (kind: Factor['kind']) => factors.some((factor) => factor.kind === kind);
  return [
    ...(connectionId === undefined ? [] : ['sso']),
    ...(has('passkey') ? ['passkey'] : []),
    ...(password?.hash !== undefined && (!multiFactor || has('authenticator')) ? ['password'] : []),
    ...(multiFactor && has('authenticator') ? ['totp'] : []),
  ];
}

/** What shows that a second factor works: a passkey, or the password with an authenticator's code. */
export const factorAccepts = ({ factors }: AccountStatus): string[] => [
  ...(factors.some(({ kind }) => kind === 'passkey') ? ['passkey'] : []),
  ...(factors.some(({ kind }) => kind === 'authenticator') ? ['password', 'totp'] : []),
];

export const factorView = ({ factorId, kind, name, at }: Factor, use?: Use): identity.Factor => ({
  factorId,
  kind,
  name,
  createdAt: at,
  ...(use?.last_used_at ? { lastUsedAt: use.last_used_at.toISOString() } : {}),
  ...(kind === 'passkey' ? { backedUp: use?.backed_up ?? false } : {}),
});
