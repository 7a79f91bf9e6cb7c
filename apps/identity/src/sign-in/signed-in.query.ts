import type { identity } from '#contracts';
import type { EventStore, Sql } from '#event-sourcing';
import { profile } from '../account/profiles.query.ts';
import { sessionsOfAccount } from '../session/sessions.query.ts';
import { sessionView } from '../session/sessions.view.ts';
import type { SignedIn } from './sign-in.service.ts';

/** The answer to a sign-in. `made`: what comes with a new account. */
export async function signedIn(
  store: EventStore,
  sql: Sql,
  { accountId, sessionId, token }: SignedIn,
  now: Date,
  made = { organizationId: '', projectId: '' },
): Promise<identity.SignedIn> {
  const open = (await sessionsOfAccount(sql, accountId, now)).find((candidate) => candidate.sessionId === sessionId);
  if (!open) throw new Error('a session that was just begun is not open');
  return { account: await profile(store, accountId), session: sessionView(open), sessionToken: token, ...made };
}
