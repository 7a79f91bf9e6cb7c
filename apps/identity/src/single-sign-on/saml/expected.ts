import type { Attempt, Connection, SamlSettings } from '../protocol.ts';

/** What we are to the provider of a connection. */
export interface Service {
  /** Also the audience of its assertions. */
  readonly entityId: string;
  /** Our assertion consumer service: where its answers are posted to. */
  readonly acs: string;
}

/** What an answer has to be for. */
export interface Expected extends Service {
  readonly settings: SamlSettings;
  readonly requestId: string;
  /** The earliest moment at which the person may have signed in there; undefined: whenever. */
  readonly signedInFrom: Date | undefined;
  readonly now: Date;
}

/** How far the provider's clock may be from ours. */
export const SKEW_MS = 60_000;

/** Ours for each connection: an answer to one says nothing to another. @param origin of the pages, as browsers reach them */
export function serviceOf(origin: string, { connectionId }: Connection): Service {
  const entityId = `${origin}/sso/${connectionId}`;
  return { entityId, acs: `${entityId}/acs` };
}

export const expectedOf = (origin: string, connection: Connection, attempt: Attempt, now: Date): Expected => ({
  ...serviceOf(origin, connection),
  settings: settingsOf(connection),
  requestId: attempt.requestId,
  signedInFrom: attempt.anew ? new Date(attempt.beganAt.getTime() - SKEW_MS) : undefined,
  now,
});

/** @throws Error for a connection of another protocol: that is our fault */
export function settingsOf({ connectionId, saml }: Connection): SamlSettings {
  if (saml === undefined) throw new Error(`connection ${connectionId} has no settings of SAML`);
  return saml;
}
