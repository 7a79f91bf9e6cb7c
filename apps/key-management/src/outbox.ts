import type { Fact } from '#contracts';
import type { RecordedEvent } from '#event-sourcing';
import type { KeyEvent } from './key/key.decider.ts';

/** Own event to public fact. The only way out. Never a secret, never a digest. */
export function publish({ id, event }: RecordedEvent): Fact | 'private' {
  const known = event as KeyEvent;
  switch (known.type) {
    case 'KeyIssued': {
      const { projectId, accountId, organizationId, name, worksUntil, replaces } = known.data;
      return {
        name: 'KeyIssued.v1',
        data: { keyId: id, projectId, organizationId, accountId, name, expiresAt: worksUntil, replaces },
      };
    }
    case 'KeyRotated':
      return { name: 'KeyRotated.v1', data: { keyId: id, ...known.data } };
    case 'KeyRenamed':
      return { name: 'KeyRenamed.v1', data: { keyId: id, ...known.data } };
    case 'KeyRevoked': {
      // The note that a person typed may name anybody, and a fact goes to all consumers and is kept for ever.
      const { note: _, ...told } = known.data;
      return { name: 'KeyRevoked.v1', data: { keyId: id, ...told } };
    }
    case 'KeyExpiring':
      return { name: 'KeyExpiring.v1', data: { keyId: id, ...known.data } };
    case 'KeyLeakReported':
      return { name: 'KeyLeakReported.v1', data: { keyId: id, ...known.data } };
  }
}
