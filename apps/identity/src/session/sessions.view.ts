import type { identity } from '#contracts';
import type { OpenSession } from './sessions.query.ts';

/** A session as the proto shows it. */
export const sessionView = ({
  sessionId,
  createdAt,
  lastSeenAt,
  idleEndsAt,
  endsAt,
}: OpenSession): identity.Session => ({
  sessionId,
  createdAt: createdAt.toISOString(),
  lastSeenAt: lastSeenAt.toISOString(),
  endsAt: endsAt.toISOString(),
  ...(idleEndsAt ? { idleEndsAt: idleEndsAt.toISOString() } : {}),
});
