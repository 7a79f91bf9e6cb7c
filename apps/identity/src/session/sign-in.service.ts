import type { identity } from '#contracts';
import { type Cause, PostgresEventStore } from '#event-sourcing';
import { Clock, counted, Problem } from '#platform';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { Passwords } from '../account/password.ts';
import { findAccount } from '../account/profiles.query.ts';
import { PasswordTries } from '../attempts.ts';
import { Registration } from '../sign-up/registration.ts';
import { beginSession, type Begun } from './sign-in.ts';
import { type OpenSession, sessionsOfAccount } from './sessions.query.ts';

/** Sign-in with a password. Wrong address and wrong password get the same answer in the same time. */
@Injectable()
export class SignIn {
  private readonly tries: PasswordTries;

  constructor(private readonly store: PostgresEventStore, private readonly pool: Pool, private readonly clock: Clock, private readonly passwords: Passwords, private readonly registration: Registration) {
    this.tries = new PasswordTries(pool, () => clock.now());
  }

  async withPassword(request: identity.SignInRequest, cause: Cause): Promise<{ accountId: string; begun: Begun }> {
    try {
      const done = await this.judge(request, cause);
      counted.signIns.inc({ service: 'identity', outcome: 'good' });
      return done;
    } catch (error) {
      counted.signIns.inc({ service: 'identity', outcome: error instanceof Problem ? error.code : 'internal' });
      throw error;
    }
  }

  private async judge({ email, password, network }: identity.SignInRequest, cause: Cause): Promise<{ accountId: string; begun: Begun }> {
    const emailDigest = this.registration.emailDigest(email);
    const subject = this.registration.digest('sign-in', `${emailDigest}|${network}`);
    const known = await this.tries.take(subject, async () => {
      const accountId = await this.registration.accountIdByDigest(emailDigest);
      const account = accountId === undefined ? undefined : await findAccount(this.store, accountId, { afresh: true });
      const right = await this.passwords.verify(account?.passwordHash, password);
      return right && account && accountId !== undefined ? { accountId, account } : undefined;
    });
    if (!known) throw new Problem('sign-in/failed', 'The address or the password is wrong.');
    const { accountId, account } = known;
    if (account.status === 'suspended') throw new Problem('account/suspended', 'This account is suspended because it was inactive. Its keys and projects are kept; an operator can bring it back.');
    return { accountId, begun: await this.store.transaction((store) => beginSession(store, accountId, 'password', cause)) };
  }

  sessions(accountId: string): Promise<OpenSession[]> {
    return sessionsOfAccount(this.pool, accountId, this.clock.now());
  }
}
