import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Activity } from '../activity/activity.ts';
import { SessionCheck, type SignedIn } from '../gate/session-check.ts';
import { routeOf } from './ask.ts';
import { Cookies } from './cookies.ts';
import { CredentialStrategy } from './strategy.ts';

/** Who is signed in, by the cookie of the session. */
@Injectable()
export class SessionStrategy extends CredentialStrategy<SignedIn> {
  constructor(
    private readonly sessions: SessionCheck,
    private readonly activity: Activity,
    private readonly cookies: Cookies,
  ) {
    super();
  }

  async validate(request: FastifyRequest): Promise<SignedIn | undefined> {
    const token = this.cookies.sessionToken(request);
    if (token === undefined) return undefined;
    const counts = isPresence(request);
    const who = await this.sessions.check(token, counts);
    if (who && counts) await this.activity.record(who.accountId, 'session');
    return who;
  }
}

/** Whether a person must be behind the request: a page asks by itself, too. */
function isPresence(request: FastifyRequest): boolean {
  const route = routeOf(request);
  return (
    request.headers['rollcall-background'] === undefined &&
    route?.path !== '/v1/sessions/current' &&
    route?.access.startsWith('session') === true
  );
}
