import { DETAILS } from '#contracts';
import { Clock, Peers, Problem } from '#platform';
import { Injectable } from '@nestjs/common';
import type { SignedIn } from '../gate/session-check.ts';

const WITHIN_S = 15 * 60;

/** Some changes want a person who has proved to be the account's holder within 15 minutes (ASVS 5.0, 7.5). */
@Injectable()
export class RecentProofs {
  constructor(
    private readonly clock: Clock,
    private readonly peers: Peers,
  ) {}

  /** @throws Problem `session/proof-required`, which says what would prove it. */
  async require({ accountId, session }: SignedIn, correlationId: string): Promise<void> {
    if (this.clock.now().getTime() - Date.parse(session.provedAt) < WITHIN_S * 1000) return;
    const { proofAccepts: accepts } = await this.peers
      .of('identity', 'Security')
      .getSecurity(
        { holder: { accountId, sessionId: session.sessionId } },
        { correlationId, actor: `account:${accountId}` },
      );
    const code = 'session/proof-required';
    throw new Problem(code, DETAILS[code], { accepts, withinSeconds: WITHIN_S });
  }
}
