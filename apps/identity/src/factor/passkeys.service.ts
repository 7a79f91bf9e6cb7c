import type { identity } from '#contracts';
import { type Cause, followUp, handle, PostgresEventStore, Refused, refuse } from '#event-sourcing';
import { keyedDigest, Problem, SERVICE_CONFIG } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { account } from '../account/account.decider.ts';
import { factorRefused } from '../account/factors.decider.ts';
import type { AccountStatus, Passkey } from '../account/vocabulary.decider.ts';
import type { IdentityConfig } from '../config.ts';
import { type ChallengeBond, isChallenge, newChallenge } from './challenge.ts';
import {
  assertedPasskey,
  authenticationOptions,
  credentialIdIn,
  type ExpectedAnswer,
  type RegisteredPasskey,
  registeredPasskey,
  registrationOptions,
  rpIdOf,
} from './passkey.ts';
import { keptCounter, spendChallenge } from './uses.ts';

/** The browser may tell the authenticator that nobody has this passkey any more. Never said of one that somebody has. */
export const unknownCredential = refuse('factor/refused', 'Nobody has this passkey here any more. Use another way.', {
  unknownCredential: true,
});

/** An answer that fits, with what is to be spent for it. */
export interface AssertedFactor {
  readonly factorId: string;
  readonly counter: number;
  readonly backedUp: boolean;
  readonly challenge: string;
}

/** Asks for passkeys, and judges the answers by what is kept. Challenges follow the real clock. */
@Injectable()
export class Passkeys {
  constructor(
    private readonly store: PostgresEventStore,
    private readonly pool: Pool,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
  ) {}

  /** @param state whose passkeys may answer; undefined: whoever has one here. @throws Problem where there are no passkeys at this origin */
  ask(bond: ChallengeBond, state: AccountStatus | undefined): identity.PasskeyOptions {
    const rpId = requireHost(bond.origin);
    const allow = state ? passkeysOf(state).filter((passkey) => passkey.rpId === rpId) : [];
    return told(authenticationOptions({ challenge: this.challenge(bond), rpId, allow: allow.map(named) }));
  }

  /** @throws Problem where there are no passkeys at this origin */
  askNew(bond: ChallengeBond, accountId: string, state: AccountStatus): identity.PasskeyOptions {
    const rpId = requireHost(bond.origin);
    const { email, name } = state;
    const exclude = passkeysOf(state).map(named);
    const challenge = this.challenge(bond);
    return told(registrationOptions({ challenge, rpId, account: { accountId, email, name }, exclude }));
  }

  /** @throws Refused `factor/refused` */
  async registered(
    answer: string,
    bond: ChallengeBond,
  ): Promise<RegisteredPasskey & { readonly rpId: string; readonly credentialDigest: string }> {
    const rpId = requireHost(bond.origin);
    const passkey = await registeredPasskey(answer, this.expected(bond));
    if (!passkey) throw new Refused(factorRefused);
    return { ...passkey, rpId, credentialDigest: this.digest(passkey.credentialId) };
  }

  /** The account that has the passkey of an answer. @throws Refused `factor/refused`, told apart where nobody has it */
  async holderOf(answer: string): Promise<string> {
    const credentialId = credentialIdIn(answer);
    if (credentialId === undefined) throw new Refused(factorRefused);
    const { rows } = await this.pool.query<{ stream_id: string }>(
      `SELECT stream_id FROM reservations WHERE scope = 'credential' AND key = $1 AND held`,
      [this.digest(credentialId)],
    );
    if (!rows[0]) throw new Refused(unknownCredential);
    return rows[0].stream_id.slice(`${account.category}-`.length);
  }

  /**
   * Undefined where it does not fit. Where it is a copy, the account's history says so.
   * @param chosen by its holder among all passkeys of this host
   */
  async judge(
    accountId: string,
    state: AccountStatus,
    answer: string,
    bond: ChallengeBond,
    chosen: boolean,
    cause: Cause,
  ): Promise<AssertedFactor | undefined> {
    const credentialId = credentialIdIn(answer);
    const passkey = passkeysOf(state).find((each) => each.credentialId === credentialId);
    if (passkey?.credentialId === undefined || passkey.publicKey === undefined) return undefined;
    const { factorId, publicKey } = passkey;
    const counter = await keptCounter(this.pool, factorId);
    const kept = { ...passkey, credentialId: passkey.credentialId, accountId, publicKey, counter };
    const judged = await assertedPasskey(answer, kept, this.expected(bond), chosen);
    if (judged.verdict === 'cloned')
      await this.store.transact(async (store, tx) => {
        // An answer that is sent again has counted no further either: it is no copy.
        if (await spendChallenge(tx, judged.challenge))
          await handle(store, account, accountId, { type: 'ReportClone', factorId }, followUp(cause));
      });
    return judged.verdict === 'good' ? { factorId, ...judged } : undefined;
  }

  private challenge(bond: ChallengeBond): string {
    return newChallenge(this.config.installationKey, bond, new Date());
  }

  private expected(bond: ChallengeBond): ExpectedAnswer {
    const { origin } = bond;
    return { origin, isChallenge: (shown) => isChallenge(this.config.installationKey, shown, bond, new Date()) };
  }

  /** Of one credential there is one account, and nobody reads from the log which it is. */
  private digest(credentialId: string): string {
    return keyedDigest(this.config.installationKey, 'credential', credentialId);
  }
}

function requireHost(origin: string): string {
  const rpId = rpIdOf(origin);
  if (rpId === undefined)
    throw new Problem(
      'factor/passkeys-unavailable',
      'Passkeys are bound to a host name, and this installation answers at an address. Use an authenticator app.',
    );
  return rpId;
}

const passkeysOf = ({ factors }: AccountStatus) =>
  factors.filter((factor): factor is Passkey => factor.kind === 'passkey');

const named = ({ credentialId = '', transports }: Passkey) => ({ credentialId, transports });
const told = (options: object): identity.PasskeyOptions => ({ options: JSON.stringify(options) });
