import { refuse } from '#event-sourcing';
import type {
  ClaimDomain,
  Domain,
  LookAtDomain,
  ProveDomain,
  ReleaseDomain,
  SingleSignOn,
  SingleSignOnEvent,
  YieldDomain,
} from './vocabulary.decider.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DOMAINS_MAX = 100;
/** How long a proof may be missing until another organization's counts, and until the domain lapses. */
const KEPT_MS = 72 * HOUR_MS;
const LAPSES_DAYS = 30;
/** Days of a missing proof on which owners are told, the last first. */
const NOTICES = [14, 7, 0] as const;

/** Strangers hear the same as of a domain that does not exist. */
export const domainUnknown = refuse('domain/unknown', 'You have no domain with this id.');
export const domainTaken = refuse(
  'domain/taken',
  'Another organization has proved this domain. Ask its owners to release it; or take its record out of DNS, and verify yours 72 hours later.',
);

/** What signs people in only as long as somebody owns the name: a proof of the last 24 hours that nothing has contradicted. */
export const isProvedLately = ({ status, provedAt, missing }: Domain, at: string): boolean =>
  status === 'verified' && !missing && provedAt !== undefined && since(provedAt, at) <= DAY_MS;

/** Verified, or once verified and lapsed: its addresses are the organization's to sign in. */
export const isHeld = ({ status }: Domain): boolean => status !== 'claimed';

export function claim({ type: _, at, ...claimed }: ClaimDomain, { domains }: SingleSignOn) {
  const [known] = domains.entries().filter(([, { domain }]) => domain === claimed.domain);
  if (known) {
    const [domainId, { status, expiresAt, token }] = known;
    if (status !== 'claimed' || expiresAt > at) return [];
    // The same token again: it may be in DNS already.
    return [{ type: 'DomainClaimed', data: { ...claimed, domainId, token } }] satisfies SingleSignOnEvent[];
  }
  if (domains.values().length >= DOMAINS_MAX)
    return refuse(
      'domain/too-many',
      `An organization may have ${DOMAINS_MAX} domains, and this one has them. Release one that is no longer needed.`,
    );
  return [{ type: 'DomainClaimed', data: claimed }] satisfies SingleSignOnEvent[];
}

export function prove({ domainId, by, at }: ProveDomain, { domains }: SingleSignOn) {
  const found = domains.get(domainId);
  if (!found) return domainUnknown;
  const { domain, status, expiresAt, provedAt, provedBy, missing } = found;
  if (status === 'claimed' && expiresAt <= at)
    return refuse('domain/not-proved', 'The claim has expired after 30 days. Claim the domain again, then verify it.');
  // Looked at again within the hour, nothing new is to be said.
  const isFresh = provedAt !== undefined && since(provedAt, at) <= HOUR_MS;
  if (status === 'verified' && !missing && isFresh && provedBy === by) return [];
  return [{ type: 'DomainVerified', data: { domainId, domain, at, by } }] satisfies SingleSignOnEvent[];
}

/** What goes on as it was is not worth an event a day. */
export function see({ domainId, at }: LookAtDomain, state: SingleSignOn) {
  const found = state.domains.get(domainId);
  if (!found || (found.status === 'verified' && !found.missing)) return [];
  return prove({ type: 'ProveDomain', domainId, by: 'dns', at }, state);
}

export function miss({ domainId, at }: LookAtDomain, { domains }: SingleSignOn) {
  const found = domains.get(domainId);
  if (found?.status !== 'verified' || found.provedBy === 'operator') return [];
  const { domain, missing } = found;
  const from = missing?.since ?? at;
  const gone = Math.floor(since(from, at) / DAY_MS);
  if (gone >= LAPSES_DAYS) return [{ type: 'DomainLapsed', data: { domainId, domain } }] satisfies SingleSignOnEvent[];
  const days = NOTICES.find((day) => gone >= day) ?? 0;
  if (missing && days <= missing.days) return [];
  return [{ type: 'DomainMissed', data: { domainId, domain, since: from, days } }] satisfies SingleSignOnEvent[];
}

export function release({ domainId }: ReleaseDomain, { domains }: SingleSignOn) {
  const found = domains.get(domainId);
  if (!found) return domainUnknown;
  return [
    isHeld(found)
      ? { type: 'DomainReleased', data: { domainId, domain: found.domain, reason: 'given-up' } }
      : { type: 'ClaimDropped', data: { domainId } },
  ] satisfies SingleSignOnEvent[];
}

/** A domain is sold, and its new owner proves it: the old one's word counts for 72 hours after its proof has gone, so that nobody loses it by a slip. */
export function yieldDomain({ domain, at }: YieldDomain, { domains }: SingleSignOn) {
  const [found] = domains.entries().filter(([, held]) => held.domain === domain && isHeld(held));
  if (!found) return [];
  const [domainId, { missing }] = found;
  if (!missing || since(missing.since, at) < KEPT_MS) return domainTaken;
  return [
    { type: 'DomainReleased', data: { domainId, domain, reason: 'proved-by-another' } },
  ] satisfies SingleSignOnEvent[];
}

const since = (instant: string, at: string) => Date.parse(at) - Date.parse(instant);
