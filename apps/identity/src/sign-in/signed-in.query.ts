import type { identity } from '#contracts';
import type { Sql } from '#event-sourcing';
import { profileView } from '../account/profiles.query.ts';
import { sessionOfAccount } from '../session/sessions.query.ts';
import { sessionView } from '../session/sessions.view.ts';
import type { Begun } from './begin-session.ts';

/** The answer to a sign-in. `made`: what comes with a new account. */
export async function signedIn(
  sql: Sql,
  key: Buffer,
  { accountId, account, sessionId, token, deviceToken }: Begun,
  now: Date,
  made = { organizationId: '', projectId: '' },
): Promise<identity.SignedIn> {
  const open = await sessionOfAccount(sql, key, accountId, sessionId, now);
  if (!open) throw new Error('a session that was just begun is not open');
  return {
    account: profileView(accountId, account, open.idleDemanded),
    session: sessionView(open),
    sessionToken: token,
    ...(deviceToken === undefined ? {} : { deviceToken }),
    ...made,
  };
}
