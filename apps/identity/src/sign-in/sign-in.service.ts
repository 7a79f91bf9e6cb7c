import type { identity } from '#contracts';
import { type Cause, PostgresEventStore, Refused } from '#event-sourcing';
import { Clock, counted, keyedDigest, Problem, problemOf, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { findAccount } from '../account/profiles.query.ts';
import type { IdentityConfig } from '../config.ts';
import { accountOrDecoy, AddressBook } from '../email-address/address-book.ts';
import { PasswordTries } from '../password/password-tries.ts';
import { Passwords } from '../password/password.ts';
import { beginSession, type Begun } from './begin-session.ts';
import { type Claimed, next } from './next.ts';

/** A session that has begun after the account was proved. */
export interface SignedIn extends Begun {
  readonly accountId: string;
}

/** Proves, and asks what follows. Wrong address and wrong password get the same answer in the same time. */
@Injectable()
export class SignIn {
  private readonly tries: PasswordTries;

  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    clock: Clock,
    private readonly passwords: Passwords,
    private readonly addresses: AddressBook,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
  ) {
    this.tries = new PasswordTries(pool, () => clock.now());
  }

  async withPassword(request: identity.SignInRequest, cause: Cause): Promise<SignedIn> {
    try {
      const done = await this.signIn(request, cause);
      counted.signIns.inc({ service: 'identity', outcome: 'good' });
      return done;
    } catch (error) {
      counted.signIns.inc({ service: 'identity', outcome: problemOf(error)?.code ?? 'internal' });
      throw error;
    }
  }

  private async signIn({ email, password, network }: identity.SignInRequest, cause: Cause): Promise<SignedIn> {
    const emailDigest = this.addresses.emailDigest(email);
    const subject = keyedDigest(this.config.installationKey, 'sign-in', `${emailDigest}|${network}`);
    const claimed = await this.tries.take(subject, () => this.provePassword(emailDigest, password));
    const followed = next(claimed, 'sign-in', claimed ? ['password'] : []);
    switch (followed.step) {
      case 'prove':
        throw new Problem('sign-in/failed', 'The address or the password is wrong.');
      case 'refuse':
        throw new Refused(followed.refusal);
      case 'begin': {
        const { accountId } = followed;
        return {
          accountId,
          ...(await this.store.transact((store) => beginSession(store, accountId, 'password', cause))),
        };
      }
    }
  }

  /** Undefined where the password is not this account's. As much is read for an address without an account, and from the database alone. */
  private async provePassword(emailDigest: string, password: string): Promise<Claimed | undefined> {
    const found = await accountOrDecoy(this.pool, emailDigest);
    const account = found && (await findAccount(this.store, found.accountId, { afresh: true }));
    // A decoy's digest is never compared: a right guess at another account's password proves nothing.
    const right = await this.passwords.verify(found?.known === true ? account?.passwordHash : undefined, password);
    return right && found && account ? { accountId: found.accountId, status: account.status } : undefined;
  }
}
