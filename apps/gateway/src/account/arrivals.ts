import type { AnswerOf, identity, routes } from '#contracts';
import { type CallContext, errorFields, type Logger, LOGGER, Peers } from '#platform';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Cookies } from '../edge/cookies.ts';
import { beginSession, halfView } from './step.ts';
import { required } from './views.ts';

/** Nobody waits longer at the door for a word of welcome. */
const WELCOME_MS = 1_000;

/** Answers to proofs, whichever way they came in by. */
@Injectable()
export class Arrivals {
  constructor(
    private readonly peers: Peers,
    private readonly cookies: Cookies,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The answer to a proof, with its cookies: a session has begun (201), or something is still to be proved (200). */
  async answer(
    { signedIn, half }: identity.SignInStep,
    reply: FastifyReply,
    context: CallContext,
  ): Promise<AnswerOf<typeof routes.signIn>> {
    if (half) {
      if (half.halfToken != null) this.cookies.beginHalf(reply, half.halfToken);
      void reply.status(200);
      return halfView(half);
    }
    const begun = required(signedIn, 'session');
    this.cookies.endHalf(reply);
    const { account, session } = beginSession(begun, reply, this.cookies);
    return { account, session, stayActiveUntil: await this.stayActiveUntil(account.id, session.createdAt, context) };
  }

  /** Null where no warning had come before. A sign-in counts whether or not this can be said. */
  private async stayActiveUntil(accountId: string, signedInAt: string, context: CallContext): Promise<string | null> {
    const { seen: _, ...plain } = context;
    const asked = { ...plain, timeoutMs: WELCOME_MS };
    try {
      const inactivity = this.peers.of('inactivity-policy', 'Inactivity');
      return (await inactivity.getReturn({ accountId, signedInAt }, asked)).staysActiveUntil ?? null;
    } catch (error) {
      this.logger.warn(errorFields(error), 'it is not known whether a sign-in came after a warning of inactivity');
      return null;
    }
  }
}
