import type { AnswerOf, identity, routes } from '#contracts';

type Account = AnswerOf<typeof routes.getAccount>;
type Current = AnswerOf<typeof routes.currentSession>;

export const accountView = ({
  accountId,
  email,
  name,
  createdAt,
  idleTimeoutEnabled,
  idleTimeoutMinutes,
  idleTimeoutRequired,
}: identity.Account): Account => ({
  id: accountId,
  email,
  name,
  createdAt,
  idleTimeout: {
    enabled: idleTimeoutEnabled,
    minutes: idleTimeoutMinutes,
    requiredByOrganization: idleTimeoutRequired,
  },
});

export const sessionView = ({ sessionId, createdAt, lastSeenAt, methods }: identity.Session, currentId: string) => ({
  id: sessionId,
  createdAt,
  lastSeenAt,
  current: sessionId === currentId,
  methods,
});

export const currentView = (session: identity.Session): Current => ({
  ...sessionView(session, session.sessionId),
  endsAt: session.endsAt,
  idleEndsAt: session.idleEndsAt ?? null,
});

/** What a service must have sent. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the answer of a service lacks its ${what}`);
  return value;
}
