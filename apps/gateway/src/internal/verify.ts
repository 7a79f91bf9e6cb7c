import { problems, type Verified } from '#contracts';
import { problemOf } from '#platform';
import { admit, type GateFloor } from '../gate/admit.ts';
import { requireScope } from '../gate/scopes.ts';

/** The address of somebody of whom none is told. That of the service that asks says nothing of them: many a key is bound to the network that it stands in. */
export const UNTOLD = '';

/** A key that somebody presented, and what it must be allowed to do. */
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
