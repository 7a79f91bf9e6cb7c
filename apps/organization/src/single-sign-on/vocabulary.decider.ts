import type { FactData, ProblemCode } from '#contracts';
import type { PersistentMap } from '#event-sourcing';

/** What a connection knows of its provider, without secrets: those are sealed beside the log. */
export type Configuration =
  | {
      readonly protocol: 'oidc';
      readonly issuer: string;
      readonly clientId: string;
      readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post';
    }
  | {
      readonly protocol: 'saml';
      readonly entityId: string;
      readonly signInUrl: string;
      /** Where the provider publishes all this, looked at daily. */
      readonly metadataUrl?: string | undefined;
      /** The provider's, PEM, and when the last of them ends. */
      readonly certificates: readonly string[];
      readonly certificatesEndAt: string;
      readonly subjectAttribute?: string | undefined;
      readonly emailAttribute?: string | undefined;
      /** Ours, PEM. */
      readonly certificate: string;
    };

/** The n-th configuration of a connection. */
export interface Configured {
  readonly n: number;
  readonly configuration: Configuration;
}

/** What holds for people and sessions while the connection is enforced. */
export interface Settings {
  readonly sessionHours: number;
  /** The owner who switched it on. */
  readonly justInTime: false | string;
  readonly guests: 'allowed' | 'none';
  readonly breakGlassAccountId?: string;
}

type Days<N extends 'CertificateExpiring.v1' | 'DomainMissed.v1'> = FactData<N>['days'];
type OffReason = FactData<'SingleSignOnTurnedOff.v1'>['reason'];
type ReleaseReason = FactData<'DomainReleased.v1'>['reason'];

export type SingleSignOnEvent =
  | { type: 'ConnectionDrafted'; data: { connectionId: string; name: string } }
  | { type: 'ConnectionConfigured'; data: { connectionId: string } & Configured }
  | { type: 'ConnectionSettled'; data: { connectionId: string } & Settings }
  | { type: 'ConnectionTested'; data: { connectionId: string; n: number; by: string; fresh: boolean; at: string } }
  | { type: 'SingleSignOnEnforced'; data: { connectionId: string; n: number } & Settings }
  | { type: 'SingleSignOnTurnedOff'; data: { connectionId: string; reason: OffReason } }
  | { type: 'SingleSignOnEnding'; data: { connectionId: string; dueAt: string } }
  | {
      type: 'CertificatesChanged';
      data: { connectionId: string; n: number; certificates: readonly string[]; certificatesEndAt: string };
    }
  | { type: 'ConnectionRemoved'; data: { connectionId: string } }
  /** `digest`: SHA-256 of the secret, hexadecimal. For this log alone. */
  | {
      type: 'ScimTokenMade';
      data: { connectionId: string; tokenId: string; accountId: string; digest: string; subject: PersonName };
    }
  | { type: 'ScimTokenRevoked'; data: { connectionId: string; tokenId: string } }
  | {
      type: 'CertificateExpiring';
      data: { connectionId: string; expiresAt: string; days: Days<'CertificateExpiring.v1'> };
    }
  | { type: 'BreakGlassUsed'; data: { accountId: string } }
  | { type: 'DomainClaimed'; data: { domainId: string; domain: string; token: string; expiresAt: string } }
  | { type: 'ClaimDropped'; data: { domainId: string } }
  | { type: 'DomainVerified'; data: { domainId: string; domain: string; at: string; by: 'dns' | 'operator' } }
  | { type: 'DomainMissed'; data: { domainId: string; domain: string; since: string; days: Days<'DomainMissed.v1'> } }
  | { type: 'DomainLapsed'; data: { domainId: string; domain: string } }
  | { type: 'DomainReleased'; data: { domainId: string; domain: string; reason: ReleaseReason } };

/** The attribute of a SCIM user whose value is the person's name at sign-in. */
export type PersonName = 'externalId' | 'userName';

export interface Connection {
  readonly name: string;
  readonly newest: Configured | undefined;
  /** What signs people in, while it is enforced. */
  readonly enforced: Configured | undefined;
  /** The last good test of the newest configuration. */
  readonly tested: { readonly at: string; readonly fresh: boolean } | undefined;
  readonly settings: Settings;
  /** Whether it was enforced and is no more. */
  readonly off: boolean;
  /** When an operator turns it off. */
  readonly endsAt: string | undefined;
  /** Of which end of certificates owners were told, and how many days ahead. */
  readonly told: { readonly expiresAt: string; readonly days: number } | undefined;
  /** Its SCIM tokens that open something, each with the owner whose standing invitation it is. */
  readonly scimTokens: PersistentMap<string>;
}
export interface Domain {
  readonly domain: string;
  readonly token: string;
  readonly status: 'claimed' | 'verified' | 'lapsed';
  /** Until when a claim may be proved. */
  readonly expiresAt: string;
  readonly provedAt: string | undefined;
  /** Whoever proved it: what an operator vouches for is not looked for in DNS. */
  readonly provedBy: 'dns' | 'operator';
  readonly missing: { readonly since: string; readonly days: number } | undefined;
}
export interface SingleSignOn {
  readonly connections: PersistentMap<Connection>;
  readonly domains: PersistentMap<Domain>;
}

/** Ids are made by whoever asks; `at` is the instant of the command. */
export interface DraftConnection {
  type: 'DraftConnection';
  connectionId: string;
  name: string;
}
export interface ConfigureConnection {
  type: 'ConfigureConnection';
  connectionId: string;
  configuration: Configuration;
}
/** `breakGlass`: `able` says whether it is an active owner with a second factor. */
export interface SettleConnection {
  type: 'SettleConnection';
  connectionId: string;
  by: string;
  sessionHours: number;
  justInTime: boolean;
  guests: 'allowed' | 'none';
  breakGlass: { accountId: string; able: boolean } | undefined;
}
export interface RecordTest {
  type: 'RecordTest';
  connectionId: string;
  n: number;
  by: string;
  fresh: boolean;
  at: string;
}
/** `breakGlassAble`: as in `SettleConnection`; true where there is none. */
export interface Enforce {
  type: 'Enforce';
  connectionId: string;
  breakGlassAble: boolean;
  at: string;
}
export interface TurnOff {
  type: 'TurnOff';
  connectionId: string;
  reason: 'owner' | 'operator';
}
export interface RemoveConnection {
  type: 'RemoveConnection';
  connectionId: string;
}
/** An operator turns it off, when its owners have had time to object. */
export interface AnnounceTurnOff {
  type: 'AnnounceTurnOff';
  connectionId: string;
  dueAt: string;
}
/** An enforced connection is looked at: daily, and when an operator's word is due. */
export interface WatchConnection {
  type: 'WatchConnection';
  connectionId: string;
  at: string;
}
/** The provider publishes other certificates: PEM, and when the last of all that are trusted then ends. */
export interface TrustCertificates {
  type: 'TrustCertificates';
  connectionId: string;
  certificates: readonly string[];
  certificatesEndAt: string;
}
export interface RecordBreakGlass {
  type: 'RecordBreakGlass';
  accountId: string;
}
export interface MakeScimToken {
  type: 'MakeScimToken';
  connectionId: string;
  tokenId: string;
  by: string;
  digest: string;
  subject: PersonName;
}
export interface RevokeScimToken {
  type: 'RevokeScimToken';
  connectionId: string;
  tokenId: string;
}
export interface ClaimDomain {
  type: 'ClaimDomain';
  domainId: string;
  domain: string;
  token: string;
  at: string;
  expiresAt: string;
}
/** The proof was seen. */
export interface ProveDomain {
  type: 'ProveDomain';
  domainId: string;
  by: 'dns' | 'operator';
  at: string;
}
/** The daily look at a domain: the proof is there, or DNS says that it is not. */
export interface LookAtDomain {
  type: 'SeeDomain' | 'MissDomain';
  domainId: string;
  at: string;
}
export interface ReleaseDomain {
  type: 'ReleaseDomain';
  domainId: string;
}
/** Another organization has proved it. */
export interface YieldDomain {
  type: 'YieldDomain';
  domain: string;
  at: string;
}
export type SingleSignOnCommand =
  | DraftConnection
  | ConfigureConnection
  | SettleConnection
  | RecordTest
  | Enforce
  | TurnOff
  | RemoveConnection
  | AnnounceTurnOff
  | WatchConnection
  | TrustCertificates
  | RecordBreakGlass
  | MakeScimToken
  | RevokeScimToken
  | ClaimDomain
  | ProveDomain
  | LookAtDomain
  | ReleaseDomain
  | YieldDomain;

export type SingleSignOnProblem = Extract<
  ProblemCode,
  | 'connection/unknown'
  | 'connection/invalid'
  | 'connection/not-tested'
  | 'connection/too-many'
  | 'scim-token/too-many'
  | 'domain/unknown'
  | 'domain/not-proved'
  | 'domain/taken'
  | 'domain/too-many'
  | 'single-sign-on/break-glass-needed'
>;
