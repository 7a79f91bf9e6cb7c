import type { AnswerOf, identity, routes } from '#contracts';
import type { FastifyReply } from 'fastify';
import { accountView, required, sessionView } from './views.ts';
import type { Cookies } from '../edge/cookies.ts';

/** A session has begun: the browser keeps its secret, and the one by which it is known. */
export function beginSession(
  { account, session: begun, sessionToken, deviceToken }: identity.SignedIn,
  reply: FastifyReply,
  cookies: Cookies,
) {
  cookies.begin(reply, sessionToken);
  if (deviceToken != null) cookies.knowDevice(reply, deviceToken);
  const session = required(begun, 'session');
  return { account: accountView(required(account, 'account')), session: sessionView(session, session.sessionId) };
}

export const halfView = ({ purpose, next, accepts, endsAt }: identity.HalfSession) =>
  ({ purpose, next, accepts, endsAt }) as AnswerOf<typeof routes.getHalf>;
