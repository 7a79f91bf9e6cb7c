import type { Fact } from '#contracts';
import type { KeyEvent, RevocationReason } from './key/key.decider.ts';

/** Public fact to the own event that told it. What was issued does not come back: no fact has the digest that a key is known by. */
export function takenBack(fact: Fact): KeyEvent | undefined {
  switch (fact.name) {
    case 'KeyRotated.v1': {
      const { keyId: _, ...data } = fact.data;
      return { type: 'KeyRotated', data };
    }
    case 'KeyRenamed.v1': {
      const { keyId: _, ...data } = fact.data;
      return { type: 'KeyRenamed', data };
    }
    case 'KeyRevoked.v1': {
      const { keyId: _, reason, ...data } = fact.data;
      return { type: 'KeyRevoked', data: { ...data, reason: reason as RevocationReason } };
    }
    case 'KeyExpiring.v1': {
      const { keyId: _, ...data } = fact.data;
      return { type: 'KeyExpiring', data };
    }
    case 'KeyLeakReported.v1': {
      const { keyId: _, ...data } = fact.data;
      return { type: 'KeyLeakReported', data };
    }
    default:
      return undefined;
  }
}
