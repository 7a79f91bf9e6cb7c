import { refuse } from '#event-sourcing';
import { isProvedLately } from './domains.decider.ts';
import type {
  AnnounceTurnOff,
  ConfigureConnection,
  Connection,
  DraftConnection,
  Enforce,
  MakeScimToken,
  RecordBreakGlass,
  RecordTest,
  RemoveConnection,
  RevokeScimToken,
  Settings,
  SettleConnection,
  SingleSignOn,
  SingleSignOnEvent,
  TrustCertificates,
  TurnOff,
  WatchConnection,
} from './vocabulary.decider.ts';

const DAY_MS = 86_400_000;
const CONNECTIONS_MAX = 10;
const CERTIFICATES_MAX = 5;
const SCIM_TOKENS_MAX = 10;
/** Days before the end of the last certificate on which owners are told, the nearest first. */
const NOTICES = [1, 7, 30] as const;

export const UNSETTLED: Settings = { sessionHours: 24, justInTime: false, guests: 'allowed' };

/** Strangers hear the same as of a connection that does not exist. */
export const connectionUnknown = refuse('connection/unknown', 'You have no connection with this id.');
const notTested = (why: string) =>
  refuse('connection/not-tested', `${why} Sign in there as a test, then enforce it within 24 hours.`);
const breakGlassUnable = refuse(
  'single-sign-on/break-glass-needed',
  'The break-glass owner must be an active owner of the organization who has a second factor. Choose another, or let them set one up first.',
);

/** The connection that is enforced, if one is. */
export function enforcedOf({
  connections,
}: SingleSignOn): (Connection & { connectionId: string; enforced: NonNullable<Connection['enforced']> }) | undefined {
  for (const [connectionId, connection] of connections.entries())
    if (connection.enforced) return { ...connection, connectionId, enforced: connection.enforced };
  return undefined;
}

/** Whether people with an address elsewhere are kept out. */
export const isClosedToGuests = (state: SingleSignOn): boolean => enforcedOf(state)?.settings.guests === 'none';

export function draft({ connectionId, name }: DraftConnection, { connections }: SingleSignOn) {
  if (connections.has(connectionId)) return [];
  if (connections.values().length >= CONNECTIONS_MAX)
    return refuse(
      'connection/too-many',
      `An organization may have ${CONNECTIONS_MAX} connections, and this one has them. Remove one that is no longer needed.`,
    );
  return [{ type: 'ConnectionDrafted', data: { connectionId, name } }] satisfies SingleSignOnEvent[];
}

/** Never in place: what is enforced stays as it is, beside what may follow it. */
export function configure({ connectionId, configuration }: ConfigureConnection, state: SingleSignOn) {
  const connection = state.connections.get(connectionId);
  if (!connection) return connectionUnknown;
  const n = nextOf(connection);
  return [{ type: 'ConnectionConfigured', data: { connectionId, n, configuration } }] satisfies SingleSignOnEvent[];
}

export function settle(
  { connectionId, by, sessionHours, justInTime, guests, breakGlass }: SettleConnection,
  state: SingleSignOn,
) {
  const connection = state.connections.get(connectionId);
  if (!connection) return connectionUnknown;
  if (breakGlass && !breakGlass.able) return breakGlassUnable;
  const settings: Settings = {
    sessionHours,
    // Whoever switched it on stands for it until somebody else does: after it was off.
    justInTime: justInTime && (connection.settings.justInTime || by),
    guests,
    ...(breakGlass ? { breakGlassAccountId: breakGlass.accountId } : {}),
  };
  if (same(settings, connection.settings)) return [];
  return [
    { type: 'ConnectionSettled', data: { connectionId, ...settings } },
    ...(connection.enforced ? [enforcing(connectionId, connection.enforced.n, settings)] : []),
  ] satisfies SingleSignOnEvent[];
}

export function recordTest({ connectionId, n, by, fresh, at }: RecordTest, state: SingleSignOn) {
  const connection = state.connections.get(connectionId);
  if (!connection) return connectionUnknown;
  if (connection.newest?.n !== n) return notTested('The connection was configured anew during the test.');
  return [{ type: 'ConnectionTested', data: { connectionId, n, by, fresh, at } }] satisfies SingleSignOnEvent[];
}

export function enforce({ connectionId, breakGlassAble, at }: Enforce, state: SingleSignOn) {
  const connection = state.connections.get(connectionId);
  if (!connection) return connectionUnknown;
  const { newest, tested, settings } = connection;
  if (!newest)
    return refuse('connection/invalid', 'The connection knows no provider yet: say first how it is spoken to.');
  if (connection.enforced?.n === newest.n)
    // Said again by an owner, it stays, whatever an operator has announced.
    return connection.endsAt === undefined
      ? []
      : ([enforcing(connectionId, newest.n, settings)] satisfies SingleSignOnEvent[]);
  if (!tested || isBefore(tested.at, at, DAY_MS))
    return notTested('Nobody has signed in by the newest configuration within the last 24 hours.');
  if (!state.domains.some((domain) => isProvedLately(domain, at)))
    return refuse(
      'domain/not-proved',
      'No domain of the organization was proved within the last 24 hours. Verify one again, then enforce the connection.',
    );
  if (!breakGlassAble) return breakGlassUnable;
  const older = enforcedOf(state);
  return [
    ...(older && older.connectionId !== connectionId ? [off(older.connectionId, 'replaced')] : []),
    enforcing(connectionId, newest.n, settings),
  ] satisfies SingleSignOnEvent[];
}

export function turnOff({ connectionId, reason }: TurnOff, state: SingleSignOn) {
  const connection = state.connections.get(connectionId);
  if (!connection) return connectionUnknown;
  return connection.enforced ? [off(connectionId, reason)] : [];
}

export function removeConnection({ connectionId }: RemoveConnection, state: SingleSignOn) {
  const connection = state.connections.get(connectionId);
  if (!connection) return connectionUnknown;
  return [
    ...(connection.enforced ? [off(connectionId, 'removed')] : []),
    { type: 'ConnectionRemoved', data: { connectionId } },
  ] satisfies SingleSignOnEvent[];
}

/** Whoever asks an operator for it may not be who they say: its owners hear of it a day before. */
export function announceTurnOff({ connectionId, dueAt }: AnnounceTurnOff, state: SingleSignOn) {
  const connection = state.connections.get(connectionId);
  if (!connection) return connectionUnknown;
  if (!connection.enforced || connection.endsAt !== undefined) return [];
  return [{ type: 'SingleSignOnEnding', data: { connectionId, dueAt } }] satisfies SingleSignOnEvent[];
}

export function watch({ connectionId, at }: WatchConnection, state: SingleSignOn) {
  const connection = state.connections.get(connectionId);
  if (connection?.endsAt !== undefined && connection.endsAt <= at)
    return [off(connectionId, 'operator')] satisfies SingleSignOnEvent[];
  if (connection?.enforced?.configuration.protocol !== 'saml') return [];
  const expiresAt = connection.enforced.configuration.certificatesEndAt;
  const left = Date.parse(expiresAt) - Date.parse(at);
  const days = NOTICES.find((day) => left <= day * DAY_MS);
  const told = connection.told?.expiresAt === expiresAt ? connection.told.days : Infinity;
  if (days === undefined || days >= told) return [];
  return [{ type: 'CertificateExpiring', data: { connectionId, expiresAt, days } }] satisfies SingleSignOnEvent[];
}

/** Providers change their keys by themselves: a new one is trusted beside the old, as another configuration, for one never changes. */
export function trust({ connectionId, certificates, certificatesEndAt }: TrustCertificates, state: SingleSignOn) {
  const connection = state.connections.get(connectionId);
  if (connection?.enforced?.configuration.protocol !== 'saml') return [];
  const known = connection.enforced.configuration.certificates;
  if (certificates.every((certificate) => known.includes(certificate))) return [];
  const n = nextOf(connection);
  const both = [...new Set([...certificates, ...known])].slice(0, CERTIFICATES_MAX);
  return [
    { type: 'CertificatesChanged', data: { connectionId, n, certificates: both, certificatesEndAt } },
    enforcing(connectionId, n, connection.settings),
  ] satisfies SingleSignOnEvent[];
}

const nextOf = ({ newest, enforced }: Connection) => Math.max(newest?.n ?? 0, enforced?.n ?? 0) + 1;

export function recordBreakGlass({ accountId }: RecordBreakGlass, state: SingleSignOn) {
  // Who has lost the privilege meanwhile has used none.
  if (enforcedOf(state)?.settings.breakGlassAccountId !== accountId) return [];
  return [{ type: 'BreakGlassUsed', data: { accountId } }] satisfies SingleSignOnEvent[];
}

/** It is its maker's standing invitation: said in the log, and so in the organization's record. */
export function makeScimToken(
  { connectionId, tokenId, by: accountId, digest, subject }: MakeScimToken,
  state: SingleSignOn,
) {
  const connection = state.connections.get(connectionId);
  if (!connection) return connectionUnknown;
  if (connection.scimTokens.values().length >= SCIM_TOKENS_MAX)
    return refuse(
      'scim-token/too-many',
      `A connection may have ${SCIM_TOKENS_MAX} SCIM tokens, and this one has them. Revoke one that is no longer needed.`,
    );
  return [
    { type: 'ScimTokenMade', data: { connectionId, tokenId, accountId, digest, subject } },
  ] satisfies SingleSignOnEvent[];
}

export function revokeScimToken({ connectionId, tokenId }: RevokeScimToken, state: SingleSignOn) {
  if (state.connections.get(connectionId)?.scimTokens.has(tokenId) !== true) return [];
  return [{ type: 'ScimTokenRevoked', data: { connectionId, tokenId } }] satisfies SingleSignOnEvent[];
}

const enforcing = (connectionId: string, n: number, settings: Settings) =>
  ({ type: 'SingleSignOnEnforced', data: { connectionId, n, ...settings } }) as const;

const off = (connectionId: string, reason: 'owner' | 'operator' | 'replaced' | 'removed') =>
  ({ type: 'SingleSignOnTurnedOff', data: { connectionId, reason } }) as const;

const isBefore = (instant: string, at: string, ms: number) => Date.parse(at) - Date.parse(instant) > ms;

const same = (one: Settings, other: Settings) =>
  one.sessionHours === other.sessionHours &&
  one.justInTime === other.justInTime &&
  one.guests === other.guests &&
  one.breakGlassAccountId === other.breakGlassAccountId;
