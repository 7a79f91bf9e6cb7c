import { once } from 'node:events';
import type { Fact } from '#contracts';
import { Problem } from '#platform';
import { freePort, serviceHarness } from '#testing';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { mailer } from './mailer.module.ts';

/** The stand-in mail server's answer to a recipient: the code, or undefined for yes; a promise is a slow one. */
type Verdict = (
  recipient: string,
  stage: 'sender' | 'recipient' | 'data',
) => number | undefined | Promise<number | undefined>;

/** What stands around the service, to be changed while it runs. */
const newWorld = () => ({
  addresses: new Map<string, { email?: string; token?: string }>(),
  /** By an organization's id, or for co-owners an account's. */
  owners: new Map<string, string[]>(),
  members: new Map<string, string[]>(),
  /** Whether those who know addresses cannot be reached. */
  away: false,
  verdict: (() => undefined) as Verdict,
  tries: [] as { to: string; messageId: string }[],
  mails: [] as (ParsedMail & { recipient: string; sender: string })[],
  log: '',
});

/** The service, with owners of addresses and a mail server on the wire. */
export async function runMailer(settings: object = {}) {
  const world = newWorld();
  const here = <T>(answer: T): T => {
    if (world.away) throw new Problem('service/unavailable', 'away');
    return answer;
  };
  const known = (id: string) => here({ name: '', ...world.addresses.get(id) });
  const smtp = await startSmtp(world);
  const config = async () => ({
    smtpUrl: smtp.url,
    mailFrom: 'Rollcall <no-reply@quantum.example>',
    origin: 'https://quantum.example',
    ...settings,
  });
  const harness = await serviceHarness(
    [{ service: mailer, config }],
    {
      identity: {
        Accounts: { addressAccount: async ({ accountId }) => known(accountId) },
        Recoveries: { addressLetter: async ({ purpose, id }) => known(`${purpose} ${id}`) },
        SignUps: { addressSignUp: async ({ signUpId }) => known(signUpId) },
      },
      organization: {
        Invitations: { addressInvitation: async ({ invitationId }) => ({ token: '', ...known(invitationId) }) },
        Organizations: {
          listOwners: async ({ organizationId }) => here({ accountIds: world.owners.get(organizationId) ?? [] }),
          listActiveMembers: async ({ organizationId }) =>
            here({ accountIds: world.members.get(organizationId) ?? [] }),
          listCoOwners: async ({ accountId }) => here({ accountIds: world.owners.get(accountId) ?? [] }),
        },
      },
    },
    {
      log: (line) => {
        world.log += line;
      },
    },
  );
  const stop = async () => {
    await harness.stop();
    await smtp.stop();
  };
  return {
    world,
    database: harness.database('mailer'),
    tell: (fact: Fact) => harness.tell(fact),
    outcomes: () => harness.told('mailer.mails'),
    mails: () => harness.peer('gateway').of('mailer', 'Mails'),
    stop,
  };
}

async function startSmtp(world: ReturnType<typeof newWorld>) {
  const judged = async (...asked: Parameters<Verdict>) => {
    const code = await world.verdict(...asked);
    return code === undefined
      ? undefined
      : Object.assign(new Error(`no such mailbox ${asked[0]}`), { responseCode: code });
  };
  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onMailFrom: ({ address }, _session, done) => {
      void judged(address, 'sender').then(done);
    },
    onRcptTo: ({ address }, _session, done) => {
      void judged(address, 'recipient').then(done);
    },
    onData: (stream, { envelope }, done) => {
      void simpleParser(stream).then(async (mail) => {
        const recipient = envelope.rcptTo[0]?.address ?? '';
        world.tries.push({ to: recipient, messageId: mail.messageId ?? '' });
        const refused = await judged(recipient, 'data');
        if (!refused)
          world.mails.push({
            ...mail,
            recipient,
            sender: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          });
        done(refused);
      });
    },
  });
  smtp.on('error', () => undefined);
  const port = await freePort();
  await once(smtp.listen(port, '127.0.0.1'), 'listening');
  return {
    url: `smtp://127.0.0.1:${port}`,
    stop: () =>
      new Promise<void>((closed) => {
        smtp.close(closed);
      }),
  };
}
