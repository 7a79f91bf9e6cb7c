import type { KeyHolder } from './key-gate.ts';

/** Whose key it is, as a proxy passes it on. All five, always: one that is left out would let a proxy pass on what its caller sent under this name. */
export const identityOf = ({ accountId, organizationId, projectId, keyId, scopes }: KeyHolder) => ({
  'rollcall-account': accountId, 'rollcall-organization': organizationId, 'rollcall-project': projectId, 'rollcall-key': keyId, 'rollcall-scopes': scopes.join(' '),
});
