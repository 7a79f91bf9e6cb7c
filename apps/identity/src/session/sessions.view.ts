import type { identity } from '#contracts';
import type { SessionDevice } from './devices.ts';
import type { OpenSession } from './sessions.query.ts';

/** A session as the proto shows it. */
export const sessionView = (
  { sessionId, createdAt, lastSeenAt, idleEndsAt, endsAt, methods, provedAt }: OpenSession,
  { device, shownNetwork }: SessionDevice = { device: '', shownNetwork: '' },
): identity.Session => ({
  sessionId,
  createdAt: createdAt.toISOString(),
  lastSeenAt: lastSeenAt.toISOString(),
  endsAt: endsAt.toISOString(),
  ...(idleEndsAt ? { idleEndsAt: idleEndsAt.toISOString() } : {}),
  methods: [...methods],
  provedAt: provedAt.toISOString(),
  device,
  network: shownNetwork,
});
