import { epochsSchema, inboxSchema, relaySchema } from '#bus';
import { buildsSchema, logSchema, snapshotsSchema } from '#event-sourcing';
import { operationsSchema, sqlMigration } from '#platform';
import { jobQueueSchema, sharesSchema } from '../src/job-queue.schema.ts';

export const migrations = [
  sqlMigration('JobQueue', 1, [...logSchema, ...relaySchema, ...inboxSchema, ...jobQueueSchema]),
  sqlMigration('Operations', 2, operationsSchema),
  sqlMigration('JobQueueBuilds', 3, buildsSchema),
  sqlMigration('JobQueueShares', 4, sharesSchema),
  sqlMigration('Epochs', 6, epochsSchema),
  sqlMigration('Snapshots', 11, snapshotsSchema),
];
