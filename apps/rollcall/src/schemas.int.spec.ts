import { busSchema, epochsSchema, inboxSchema, relaySchema } from '#bus';
import { buildsSchema, logSchema, personKeysSchema, snapshotsSchema } from '#event-sourcing';
import { migrate, operationsSchema, stepsIn, throttlesSchema } from '#platform';
import { catalogue, testDatabase } from '#testing';

const ofServices = [
  ...logSchema,
  ...relaySchema,
  ...inboxSchema,
  ...operationsSchema,
  ...buildsSchema,
  ...epochsSchema,
  ...snapshotsSchema,
];

/** The schemas that the libs' own tests and benches run on, and the services whose steps make the same. */
const SCHEMAS: Readonly<Record<string, readonly string[]>> = {
  'apps/identity/migrations': [...ofServices, ...throttlesSchema],
  'apps/identity/migrations/person-keys': personKeysSchema,
  'apps/organization/migrations': ofServices,
  'apps/key-management/migrations': [...ofServices, ...throttlesSchema],
  'apps/inactivity-policy/migrations': ofServices,
  'apps/job-queue/migrations': ofServices,
  'apps/mailer/migrations': ofServices,
  'apps/rollcall/migrations/bus': busSchema,
};

describe('what the libs are tested on', () => {
  it.each(Object.entries(SCHEMAS))('is what the steps make, to the last grant: %s', async (folder, schema) => {
    const [service, lib] = await Promise.all([testDatabase(), testDatabase(schema)]);
    await migrate(service.ownerUrl, stepsIn(folder));
    const wanted = await catalogue(lib.ownerUrl);
    const subjects = new Set(wanted.map((line) => line.slice(0, line.indexOf(': '))));
    expect(
      (await catalogue(service.ownerUrl)).filter((line) => subjects.has(line.slice(0, line.indexOf(': ')))),
    ).toEqual(wanted);
    await Promise.all([service.drop(), lib.drop()]);
  });
});
