import { problems, type Verified } from '#contracts';
import { problemOf } from '#platform';
import { admit, type GateFloor } from '../gate/admit.ts';
import { requireScope } from '../gate/scopes.ts';

/**
 * No client address is known. The address of the service that asks cannot stand in for it: it says nothing of the client, and many keys are bound to
 * the
 * network that this service is in.
 */
export const UNTOLD = '';

/** A key that a client presented, and what it must be allowed to do. */
export interface Presented {
  readonly key: string;
  readonly scopes: readonly string[];
  /** The address it came from. */
  readonly address: string;
}

/** Judges a key for a service of the platform. @throws Problem where it cannot be decided: no answer is neither yes nor no. */
export async function verify(floor: GateFloor, { key, scopes, address }: Presented): Promise<Verified> {
  try {
    const held = await admit(floor, key, address);
    for (const scope of scopes) requireScope(held, scope);
    const { keyId, keyName, projectId, organizationId, accountId, scopes: allowed, expiresAt } = held;
    return {
      valid: true,
      keyId,
      keyName,
      projectId,
      organizationId,
      accountId,
      scopes: [...allowed],
      expiresAt: expiresAt ?? null,
    };
  } catch (error) {
    const problem = problemOf(error);
    if (!problem || ![401, 403].includes(problems[problem.code].status)) throw error;
    return { valid: false, code: problem.code, detail: problem.detail };
  }
}
