import type { KeyHolder } from './admit.ts';

/**
 * The holder of a key, as a proxy passes it on: name, value, name, value …, as Node takes headers at the least cost. All five,
 * always: one that is left out would let a proxy pass on what its caller sent under this name.
 */
export const identityOf = ({ accountId, organizationId, projectId, keyId, scopes }: KeyHolder): string[] => [
  'Rollcall-Account',
  accountId,
  'Rollcall-Organization',
  organizationId,
  'Rollcall-Project',
  projectId,
  'Rollcall-Key',
  keyId,
  'Rollcall-Scopes',
  scopes.join(' '),
];
