import { z } from 'zod';
import { fact } from './fact.ts';

const id = z.uuid();
const topic = 'key-management.keys';
const A = '01890a5d-ac96-774b-bcce-b302099a8057';
const B = '01890a5d-ac96-774b-bcce-b302099a8058';
const C = '01890a5d-ac96-774b-bcce-b302099a8059';

/** What key-management tells the others. Never a secret, never a digest. */
export const keyFacts = {
  'KeyIssued.v1': fact({
    name: 'KeyIssued.v1',
    topic,
    says: 'The key works, for this account in this project.',
    schema: z.object({
      keyId: id,
      projectId: id,
      organizationId: id,
      accountId: id,
      name: z.string(),
      expiresAt: z.iso.datetime().nullable(),
      replaces: id.nullable(),
    }),
    example: {
      keyId: A,
      projectId: B,
      organizationId: B,
      accountId: C,
      name: 'laptop',
      expiresAt: null,
      replaces: null,
    },
  }),
  'KeyRevoked.v1': fact({
    name: 'KeyRevoked.v1',
    topic,
    says: 'The key never works again.',
    schema: z.object({ keyId: id, projectId: id, accountId: id, reason: z.string() }),
    example: { keyId: A, projectId: B, accountId: C, reason: 'requested' },
  }),
  'KeyRotated.v1': fact({
    name: 'KeyRotated.v1',
    topic,
    says: 'Another key replaces this one, which works until the instant given.',
    schema: z.object({ keyId: id, projectId: id, accountId: id, replacedBy: id, worksUntil: z.iso.datetime() }),
    example: { keyId: A, projectId: B, accountId: C, replacedBy: B, worksUntil: '2026-01-01T00:00:00.000Z' },
  }),
  'KeyRenamed.v1': fact({
    name: 'KeyRenamed.v1',
    topic,
    says: 'The key has another name.',
    schema: z.object({ keyId: id, projectId: id, accountId: id, name: z.string() }),
    example: { keyId: A, projectId: B, accountId: C, name: 'build server' },
  }),
  'KeyExpiring.v1': fact({
    name: 'KeyExpiring.v1',
    topic,
    says: 'The key expires soon, and whoever holds it is reminded: once 14 days and once 3 days before.',
    schema: z.object({
      keyId: id,
      projectId: id,
      organizationId: id,
      accountId: id,
      name: z.string(),
      projectName: z.string(),
      expiresAt: z.iso.datetime(),
      /** Of which of the two this is. */
      days: z.literal([14, 3]),
      /** Until then, begun ones counted whole. */
      daysLeft: z.int(),
    }),
    example: {
      keyId: A,
      projectId: B,
      organizationId: B,
      accountId: C,
      name: 'laptop',
      projectName: 'Mill',
      expiresAt: '2026-01-15T00:00:00.000Z',
      days: 14,
      daysLeft: 14,
    },
  }),
  'KeyLeakReported.v1': fact({
    name: 'KeyLeakReported.v1',
    topic,
    says: 'Somebody showed that they hold the secret; the key is revoked and its account and owners are told.',
    schema: z.object({ keyId: id, projectId: id, organizationId: id, accountId: id }),
    example: { keyId: A, projectId: B, organizationId: B, accountId: C },
  }),
} as const;
