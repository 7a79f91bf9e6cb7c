import type { Fact } from '#contracts';
import { v7 as uuid } from 'uuid';
import { runMailer } from '../mailer.fixture.ts';
import { messageIdOf } from './due-mail.ts';

async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (const deadline = performance.now() + 15_000; performance.now() < deadline;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it did not happen within 15 s');
}

describe('mail', () => {
  let running: Awaited<ReturnType<typeof runMailer>>;
  beforeAll(async () => {
    running = await runMailer();
  });
  afterAll(() => running.stop());
  afterEach(() => {
    running.world.verdict = () => undefined;
    running.world.away = false;
  });

  const somebody = (token?: string) => {
    const id = uuid();
    const email = `canary-${id}@example.com`;
    running.world.addresses.set(id, token === undefined ? { email } : { email, token });
    return { id, email };
  };
  const mailTo = (email: string) => until(() => running.world.mails.find((mail) => mail.recipient === email));
  const dueRows = async () => (await running.database.pool.query('SELECT FROM mails_due')).rowCount;
  const outcome = (messageId: string) =>
    until(async () =>
      (await running.outcomes()).find((fact) => 'messageId' in fact.data && fact.data.messageId === messageId),
    );

  it('carries the link of a sign-up to the address that asked', async () => {
    const { id, email } = somebody('token-of-sign-up');
    const eventId = await running.tell({ name: 'SignUpRequested.v1', data: { signUpId: id, registered: false } });
    const mail = await mailTo(email);
    const messageId = messageIdOf(eventId, 'sign-up', id);
    expect(mail.messageId).toBe(`<${messageId}@quantum.example>`);
    expect(mail.text).toContain('https://quantum.example/verify#token=token-of-sign-up');
    expect(mail.html).toContain('href="https://quantum.example/verify#token=token-of-sign-up"');
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(await outcome(messageId)).toMatchObject({ name: 'MailAccepted.v1' });
  });

  it('tells a registered address that it is, without a token', async () => {
    const { id, email } = somebody();
    await running.tell({ name: 'SignUpRequested.v1', data: { signUpId: id, registered: true } });
    const { text = '' } = await mailTo(email);
    expect(text).toContain('https://quantum.example/sign-in');
    expect(text).not.toContain('token');
  });

  it('carries the link of an invitation', async () => {
    const { id, email } = somebody('token-of-invitation');
    await running.tell({
      name: 'InvitationSent.v1',
      data: { organizationId: uuid(), invitationId: id, inviterId: uuid() },
    });
    expect((await mailTo(email)).text).toContain('https://quantum.example/invitation#token=token-of-invitation');
  });

  it('says of invitations what became of their mails, in the order in which it is asked', async () => {
    running.world.verdict = (recipient) => (recipient.startsWith('canary-refused') ? 550 : undefined);
    const [taken, refused] = [somebody('token'), somebody('token')];
    running.world.addresses.set(refused.id, { email: `canary-refused-${refused.id}@example.com`, token: 'token' });
    const sent = async (invitationId: string) => ({
      recipientId: invitationId,
      eventId: await running.tell({
        name: 'InvitationSent.v1',
        data: { organizationId: uuid(), invitationId, inviterId: uuid() },
      }),
    });
    const mails = [await sent(taken.id), { recipientId: taken.id, eventId: uuid() }, await sent(refused.id)];
    for (const { eventId, recipientId } of [mails[0], mails[2]].filter((mail) => mail !== undefined))
      await outcome(messageIdOf(eventId, 'invitation', recipientId));
    expect(
      (
        await running
          .mails()
          .listOutcomes({ letter: 'invitation', mails }, { correlationId: uuid(), actor: 'account:test' })
      ).outcomes,
    ).toEqual(['accepted', 'waiting', 'bounced']);
  });

  const [linkId, accountId, at] = [uuid(), uuid(), '2026-07-01T00:00:00.000Z'];
  it.each<[Fact, string, string]>([
    [{ name: 'PasswordResetRequested.v1', data: { linkId } }, `reset ${linkId}`, 'reset#'],
    [{ name: 'ReactivationRequested.v1', data: { linkId } }, `reactivation ${linkId}`, 'reactivate#'],
    [{ name: 'FactorRecoveryAsked.v1', data: { linkId } }, `recovery-confirm ${linkId}`, 'recovery#'],
    [
      { name: 'FactorRecoveryApproved.v1', data: { accountId, dueAt: at } },
      `recovery-cancel ${accountId}`,
      'recovery/cancel#',
    ],
    [{ name: 'FactorRecoveryDue.v1', data: { accountId } }, `recovery-complete ${accountId}`, 'recovery/complete#'],
    [
      { name: 'AddressChangeRequested.v1', data: { accountId, requestedAt: at } },
      `address-confirm ${accountId}`,
      'address#',
    ],
    [{ name: 'AddressChanged.v1', data: { accountId, changedAt: at } }, `address-undo ${accountId}`, 'address/undo#'],
  ])('carries the link that %j allowed to where identity says', async (fact, asked, page) => {
    const email = `${asked.split(' ')[0] ?? ''}-${uuid()}@example.com`;
    running.world.addresses.set(asked, { email, token: 'token-of-link' });
    await running.tell(fact);
    expect((await mailTo(email)).text).toContain(`https://quantum.example/${page}token=token-of-link`);
  });

  it('tells who has the address already, when another account wishes to move there', async () => {
    const { id, email } = somebody();
    running.world.addresses.set(`address-confirm ${id}`, { email });
    await running.tell({ name: 'AddressChangeRequested.v1', data: { accountId: id, requestedAt: at } });
    const subjects = () => running.world.mails.filter((mail) => mail.recipient === email).map((mail) => mail.subject);
    await until(() => subjects().length === 2);
    expect(subjects().sort()).toEqual([
      'You already have an account',
      'Your account is about to move to another address',
    ]);
  });

  it('warns of inactivity under the message id that the fact names', async () => {
    const { id, email } = somebody();
    const messageId = uuid();
    await running.tell({
      name: 'InactivityWarningIssued.v1',
      data: { accountId: id, messageId, dueAt: '2026-07-01T00:00:00.000Z', suspendAt: '2026-07-01T00:00:00.000Z' },
    });
    const mail = await mailTo(email);
    expect(mail.subject).toContain('inactivity');
    expect(mail.messageId).toBe(`<${messageId}@quantum.example>`);
    expect(await outcome(messageId)).toMatchObject({ name: 'MailAccepted.v1' });
  });

  it('tells who was suspended why, and that keys and projects are kept', async () => {
    const { id, email } = somebody();
    await running.tell({
      name: 'AccountSuspended.v1',
      data: { accountId: id, reason: 'inactivity', suspendedAt: '2026-07-01T00:00:00.000Z' },
    });
    const { text = '' } = await mailTo(email);
    expect(text).toContain('because nobody had signed in');
    expect(text).toContain('projects, your keys');
  });

  it('tells the holder of a leaked key and the other owners of its organization, each once', async () => {
    const [holder, owner, organizationId] = [somebody(), somebody(), uuid()];
    running.world.owners.set(organizationId, [owner.id, holder.id]);
    await running.tell({
      name: 'KeyLeakReported.v1',
      data: { keyId: uuid(), projectId: uuid(), organizationId, accountId: holder.id },
    });
    expect((await mailTo(holder.email)).subject).toContain('API key of yours');
    expect((await mailTo(owner.email)).subject).toContain('API key of your organization');
    await until(async () => (await dueRows()) === 0);
    expect(running.world.mails.filter((mail) => mail.recipient === holder.email)).toHaveLength(1);
  });

  it('tells each active member of a demanded second factor, and from when on', async () => {
    const [ada, bob, organizationId] = [somebody(), somebody(), uuid()];
    running.world.members.set(organizationId, [ada.id, bob.id]);
    await running.tell({ name: 'SecondFactorRequired.v1', data: { organizationId, from: at } });
    for (const { email } of [ada, bob]) expect((await mailTo(email)).text).toMatch(/from Wednesday,? 1 July 2026/);
  });

  it("tells the owners of an account's organizations that its factors may be removed, by its id alone", async () => {
    const [holder, owner] = [somebody('token-of-link'), somebody()];
    running.world.addresses.set(`recovery-cancel ${holder.id}`, { email: holder.email, token: 'token-of-link' });
    running.world.owners.set(holder.id, [owner.id]);
    await running.tell({ name: 'FactorRecoveryApproved.v1', data: { accountId: holder.id, dueAt: at } });
    const { text = '' } = await mailTo(owner.email);
    expect(text).toContain(holder.id);
    expect(text).not.toMatch(/token|canary/);
    await mailTo(holder.email);
  });

  it('tries again under the same message id when the mail server cannot take it now', async () => {
    const { id, email } = somebody();
    let refusals = 0;
    running.world.verdict = (to, stage) => (stage === 'data' && to === email && refusals++ < 2 ? 451 : undefined);
    await running.tell({
      name: 'AccountSuspended.v1',
      data: { accountId: id, reason: 'operator', suspendedAt: '2026-07-01T00:00:00.000Z' },
    });
    await mailTo(email);
    const tries = running.world.tries.filter((attempt) => attempt.to === email);
    expect(tries).toHaveLength(3);
    expect(new Set(tries.map((attempt) => attempt.messageId)).size).toBe(1);
  });

  it('states a hard bounce when the mail server knows no such mailbox, and tries no more', async () => {
    const { id, email } = somebody();
    const messageId = uuid();
    running.world.verdict = (to, stage) => (stage === 'recipient' && to === email ? 550 : undefined);
    await running.tell({
      name: 'InactivityWarningIssued.v1',
      data: { accountId: id, messageId, dueAt: '2026-07-01T00:00:00.000Z', suspendAt: '2026-07-01T00:00:00.000Z' },
    });
    expect(await outcome(messageId)).toMatchObject({ name: 'MailBounced.v1', data: { bounce: 'hard' } });
    await until(async () => (await dueRows()) === 0);
  });

  it('takes it for no bounce when the mail server refuses us, not the recipient', async () => {
    const { id, email } = somebody();
    let refusals = 0;
    running.world.verdict = (_to, stage) => (stage === 'sender' && refusals++ < 1 ? 550 : undefined);
    await running.tell({
      name: 'AccountSuspended.v1',
      data: { accountId: id, reason: 'operator', suspendedAt: '2026-07-01T00:00:00.000Z' },
    });
    expect(await mailTo(email)).toBeDefined();
    expect(refusals).toBe(2);
  });

  it('waits for who knows the address', async () => {
    running.world.away = true;
    const { id, email } = somebody('late');
    await running.tell({
      name: 'InvitationSent.v1',
      data: { organizationId: uuid(), invitationId: id, inviterId: uuid() },
    });
    await until(
      async () => ((await running.database.pool.query('SELECT FROM mails_due WHERE attempts > 0')).rowCount ?? 0) > 0,
    );
    running.world.away = false;
    expect(await mailTo(email)).toBeDefined();
  });

  it('writes to nobody where there is nobody any more', async () => {
    const erased = uuid();
    running.world.addresses.set(erased, { email: 'erased' });
    const before = running.world.mails.length;
    for (const accountId of [erased, uuid()])
      await running.tell({
        name: 'AccountSuspended.v1',
        data: { accountId, reason: 'operator', suspendedAt: '2026-07-01T00:00:00.000Z' },
      });
    const marker = somebody();
    await running.tell({
      name: 'AccountSuspended.v1',
      data: { accountId: marker.id, reason: 'operator', suspendedAt: '2026-07-01T00:00:00.000Z' },
    });
    await mailTo(marker.email);
    await until(async () => (await dueRows()) === 0);
    expect(running.world.mails.length).toBe(before + 1);
  });

  it('leaves no address and no token in events, tables or logs, whatever goes wrong', async () => {
    const { id, email } = somebody('canary-token');
    running.world.verdict = (to, stage) => (stage === 'data' && to === email ? 452 : undefined);
    await running.tell({ name: 'SignUpRequested.v1', data: { signUpId: id, registered: false } });
    await until(
      async () =>
        ((await running.database.pool.query('SELECT FROM mails_due WHERE attempts > 0')).rowCount ?? 0) > 0 &&
        running.world.tries.some((attempt) => attempt.to === email),
    );
    const { rows: tables } = await running.database.pool.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    );
    let kept = '';
    for (const { name } of tables)
      kept += (await running.database.pool.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)).rows
        .map((row) => row.row)
        .join('\n');
    expect(kept).toContain(id);
    running.world.verdict = () => undefined;
    await mailTo(email);
    expect(running.world.log).toContain('a mail could not be sent');
    expect(kept + running.world.log).not.toMatch(/canary-|token-of/);
  });
});
