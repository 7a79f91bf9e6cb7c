import { randomUUID } from 'node:crypto';
import type { GrpcOwner } from '#contracts';
import { type BuildOptions, rebuild, rollback, verify } from '#event-sourcing';
import { OwnerHistory, type ServiceDefinition, sourcesOf } from '#platform';
import { serviceHarness, type ServiceHarness } from '#testing';
import { COMPOSED, COMPOSITION } from '../../apps/rollcall/src/composition.ts';
import { everyService } from './composition.fixture.ts';
import { type MailCatcher, startMailCatcher } from '../../apps/rollcall/src/mail-catcher.ts';

const context = () => ({ correlationId: randomUUID(), actor: 'service:test' });

describe('rebuilding every read model of every service', () => {
  let harness: ServiceHarness;
  let catcher: MailCatcher;

  beforeAll(async () => {
    catcher = await startMailCatcher();
    harness = await serviceHarness(await everyService(catcher.url));
  });
  afterAll(async () => {
    await harness.stop();
    await catcher.stop();
  });

  const gateway = () => harness.peer('gateway');
  const eventually = async <T>(ask: () => Promise<T | undefined> | T | undefined, withinMs = 20_000): Promise<T> => {
    for (const deadline = performance.now() + withinMs; ; await new Promise((later) => setTimeout(later, 50))) {
      const found = await ask();
      if (found !== undefined) return found;
      if (performance.now() > deadline) throw new Error('it did not come true in time');
    }
  };

  async function signUp() {
    const email = `${randomUUID()}@example.com`;
    const signUps = gateway().of('identity', 'SignUps');
    await signUps.requestSignUp({ email, network: randomUUID() }, context());
    const token = await eventually(() => /#token=([\w-]+)/.exec(catcher.mails(email)[0]?.text ?? '')?.[1]);
    const { account } = await signUps.verifySignUp(
      { token, name: 'Ada', password: 'a long walk in the rain' },
      context(),
    );
    const accountId = account?.accountId ?? '';
    const project = await eventually(
      async () =>
        (
          await harness
            .database('key-management')
            .pool.query<{ project_id: string; organization_id: string }>(
              'SELECT project_id, organization_id FROM project_members WHERE account_id = $1',
              [accountId],
            )
        ).rows[0],
    );
    await gateway()
      .of('key-management', 'Keys')
      .issueKey(
        {
          accountId,
          projectId: project.project_id,
          name: 'laptop',
          scopes: ['jobs:read', 'jobs:write'],
          addresses: ['203.0.113.0/24', '2001:db8::7'],
        },
        context(),
      );
    return { accountId, ...project };
  }

  /** All that a replay could have done beside making rows. */
  const effects = async () => {
    const counts = await Promise.all(
      COMPOSED.map(
        async (name) =>
          (
            await harness
              .database(name)
              .pool.query<{ events: number; offsets: number }>(
                'SELECT (SELECT count(*)::int FROM events) AS events, (SELECT coalesce(sum(next_offset), 0)::int FROM inbox_offsets) AS offsets',
              )
          ).rows[0],
      ),
    );
    const due = (
      await harness.database('mailer').pool.query<{ due: number }>('SELECT count(*)::int AS due FROM mails_due')
    ).rows[0]?.due;
    return { mails: catcher.mails().length, counts, due };
  };

  /** The same twice in a row: nothing is on its way any more. */
  const settled = () =>
    eventually(async () => {
      const before = JSON.stringify(await effects());
      await new Promise((later) => setTimeout(later, 1_000));
      return JSON.stringify(await effects()) === before ? before : undefined;
    });

  const optionsOf = (name: GrpcOwner, readModels: ServiceDefinition['readModels']): BuildOptions => ({
    ownerDatabaseUrl: harness.database(name).ownerUrl,
    sources: sourcesOf(readModels, name, new OwnerHistory(harness.peer(name), name)),
    who: 'a test',
  });

  it('T-RB-3 sends no mail, appends no event and publishes nothing, and gives what the incremental ones show', async () => {
    const people = [await signUp(), await signUp(), await signUp()];
    const [owner] = people;
    if (!owner) throw new Error('nobody signed up');
    await gateway()
      .of('organization', 'Invitations')
      .invite(
        {
          callerId: owner.accountId,
          organizationId: owner.organization_id,
          email: 'new@example.com',
          role: 'member',
          projectIds: [owner.project_id],
        },
        context(),
      );
    await eventually(() => catcher.mails('new@example.com')[0]);
    const before = await settled();
    const rebuilt: string[] = [];
    for (const name of COMPOSED) {
      const { readModels } = await COMPOSITION[name].load();
      const options = optionsOf(name, readModels);
      for (const source of options.sources) {
        expect(await rebuild(options, source.name)).toMatchObject({ n: 2, state: 'live' });
        rebuilt.push(source.name);
      }
    }
    expect(rebuilt.sort()).toEqual([
      'accounts',
      'demands',
      'enforced',
      'invitation-directory',
      'jobs',
      'key-directory',
      'membership',
      'organization-directory',
      'places',
      'project-names',
      'scim-tokens',
      'sessions',
      'single-sign-on-places',
      'standing',
      'warnings',
    ]);
    expect(await settled()).toBe(before);
    // And all of it goes on: another person signs up, and the earlier build has followed.
    await signUp();
    await settled();
    const options = optionsOf('key-management', (await COMPOSITION['key-management'].load()).readModels);
    expect(await verify(options, 'membership')).toMatchObject({ equal: true });
    expect(await rollback(options, 'membership')).toMatchObject({ n: 1, state: 'live' });
    await signUp();
    await settled();
    expect(await verify(options, 'membership')).toMatchObject({ equal: true, differences: [] });
  });
});
