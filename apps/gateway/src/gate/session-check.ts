import { type identity, suspendedDetail } from '#contracts';
import { Peers, Problem } from '#platform';
import { Injectable } from '@nestjs/common';
import { coalesce } from './coalesce.ts';

/** The signed-in person. */
export interface SignedIn {
  readonly accountId: string;
  readonly session: identity.Session;
  /** An organization of theirs asks for a second factor that they lack. */
  readonly confined: boolean;
}

const CONTEXT = { correlationId: 'session-check', actor: 'service:gateway' };

/** Sessions are judged by identity at each use, never from a cache: ended is ended now. */
@Injectable()
export class SessionCheck {
  private readonly ask: (check: identity.SessionCheck) => Promise<identity.SessionVerdict>;

  constructor(peers: Peers) {
    const sessions = peers.of('identity', 'Sessions');
    this.ask = coalesce(
      async (checks: readonly identity.SessionCheck[]) =>
        (await sessions.checkSessions({ checks: [...checks] }, CONTEXT)).verdicts,
      (check) => `${check.sessionToken}${check.touch ? '+' : ''}`,
    );
  }

  /** @param touch whether a person is behind the request. @throws Problem for a suspended account. */
  async check(sessionToken: string, touch: boolean): Promise<SignedIn | undefined> {
    const { outcome, accountId, session, confined, suspendedFor } = await this.ask({ sessionToken, touch });
    if (outcome === 'suspended')
      throw new Problem('account/suspended', suspendedDetail(suspendedFor), { reason: suspendedFor });
    return outcome === 'good' && session ? { accountId, session, confined } : undefined;
  }
}
