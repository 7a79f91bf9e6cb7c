import { ProviderRefused } from './protocol.ts';

/** What a good answer of the protocol is judged by: whose it is, and whether it may be theirs. For the owners of the organization. */
export const PERSON_CHECKS = {
  'address-missing': 'The provider tells no address.',
  'address-foreign': "The address lies in no domain that is proved as this organization's.",
  'address-not-invited': 'The invitation is for another address.',
  'domain-lapsed': 'The proof of the domain has been gone for 30 days: nobody new is tied to an account.',
  'domain-changed-hands':
    "The domain was another organization's when this account was made: its mailbox proves nothing of who that was.",
  'subject-other': 'It is another person at the provider than the one of this session.',
  'assertion-used': 'It was used already.',
  'token-used': 'The logout token was used already.',
} as const;

export const refused = (check: keyof typeof PERSON_CHECKS): ProviderRefused => new ProviderRefused(check);
