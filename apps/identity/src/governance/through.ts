import { openAny, seal, type Sql, type Tx, type SealingKeys } from '#event-sourcing';
import { Problem } from '#platform';
import { enforcedAs, enforcedFor, type Governed } from './governance.query.ts';
import type { Vouched } from './vouched.ts';

const HOUR_MS = 3_600_000;

/** What a person comes through: the sign-in at a provider that has vouched for them. */
export interface Through {
  readonly connectionId: string;
  /** The configuration by which it was judged. */
  readonly n: number;
  /** The digest of its state. */
  readonly attempt: string;
  /** Keyed: whoever it is there. */
  readonly subjectDigest: string;
  readonly vouched: Vouched;
}

/** How a session that came through a provider is told apart from others. */
export interface CameThrough {
  readonly connectionId: string;
  readonly endsAt: string;
}

/** Keeps what was vouched for, sealed, while something is still to be proved here. */
export const keepVouched = (tx: Tx, masterKeys: SealingKeys, { attempt, ...kept }: Through) =>
  tx.query('UPDATE sso_attempts SET vouched = $2 WHERE state_digest = $1', [
    attempt,
    seal(masterKeys[0], bound(attempt), Buffer.from(JSON.stringify(kept))),
  ]);

/** What an attempt was vouched for by. Undefined where it came to nothing. */
export async function vouchedFor(sql: Sql, masterKeys: SealingKeys, attempt: string): Promise<Through | undefined> {
  const { rows } = await sql.query<{ vouched: Buffer | null }>(
    'SELECT vouched FROM sso_attempts WHERE state_digest = $1',
    [attempt],
  );
  if (!rows[0]?.vouched) return undefined;
  const { vouched, ...kept } = JSON.parse(openAny(masterKeys, bound(attempt), rows[0].vouched).toString()) as Omit<
    Through,
    'attempt'
  >;
  return { ...kept, attempt, vouched: { ...vouched, ...instants(vouched) } };
}

/** It has led to what it was kept for. */
export const dropVouched = (tx: Tx, { attempt }: Pick<Through, 'attempt'>) =>
  tx.query('UPDATE sso_attempts SET vouched = NULL WHERE state_digest = $1', [attempt]);

/** The last door of every way in: who comes by no provider may be judged by none, who comes by one by that one alone. @throws Problem */
export async function passDoor(
  tx: Tx,
  governed: Governed | undefined,
  through: Through | undefined,
  now: Date,
): Promise<CameThrough | undefined> {
  if (!through) {
    if (governed && !governed.breakGlass) throw singleSignOn();
    return undefined;
  }
  const { connectionId, vouched } = through;
  const standing = governed?.connectionId === connectionId ? await enforcedAs(tx, connectionId) : undefined;
  if (!standing) throw notAMember();
  // Another configuration signs people in by now: what this one believed is worth nothing.
  if (standing.n !== through.n) throw notBegunHere();
  const lives = Math.min(
    standing.sessionHours * HOUR_MS,
    vouched.endsAt === undefined ? Number.POSITIVE_INFINITY : Math.max(0, vouched.endsAt.getTime() - Date.now()),
  );
  return { connectionId, endsAt: new Date(now.getTime() + lives).toISOString() };
}

/** Nobody new is bound by a domain of which the proof has lapsed, also where it was one when they began. @throws Problem */
export async function requireProvedDomain(tx: Tx, { vouched: { email } }: Through): Promise<void> {
  if (email !== undefined && (await enforcedFor(tx, email))?.lapsed)
    throw new Problem(
      'sign-in/provider-refused',
      "Your organization's proof of this domain has lapsed: whom it knows gets in, nobody new. Its owners verify the domain again.",
    );
}

/** Said of a domain, never of an address: it tells nobody who has an account. */
export const singleSignOn = () =>
  new Problem(
    'sign-in/single-sign-on',
    "People of this domain sign in at their organization's identity provider. Go on there, or by the emergency access of its break-glass owner.",
  );

export const notAMember = () =>
  new Problem(
    'sign-in/not-a-member',
    'Your identity provider knows you, but the organization has no such member. Ask an owner of it for an invitation.',
  );

/** Said of every answer that waits for none of this browser: used, expired, another's, never begun. */
export const notBegunHere = () =>
  new Problem(
    'sign-in/not-begun-here',
    'No sign-in of this browser waits for this answer: it was begun elsewhere, more than ten minutes ago, or has been used. Start again.',
  );

/** JSON keeps instants as texts. */
const instants = ({ authenticatedAt, endsAt }: Vouched) => ({
  authenticatedAt: authenticatedAt === undefined ? undefined : new Date(authenticatedAt),
  endsAt: endsAt === undefined ? undefined : new Date(endsAt),
});

const bound = (attempt: string) => `sso-vouched|${attempt}`;
