import { freePort } from '#testing';
import { createTransport } from 'nodemailer';
import { v7 as uuid } from 'uuid';
import { runMailer } from '../mailer.fixture.ts';

/** A report as Postfix writes it. */
const report = (action: string, type = 'message/delivery-status') =>
  [
    'From: MAILER-DAEMON@mx.example.com',
    'To: somebody@example.com',
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    '\tboundary="A1B2.1/mx.example.com"',
    '',
    '--A1B2.1/mx.example.com',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    "I'm sorry to have to inform you that your message could not be delivered.",
    '',
    '--A1B2.1/mx.example.com',
    'Content-Description: Delivery report',
    `Content-Type: ${type}`,
    '',
    'Reporting-MTA: dns; mx.example.com',
    '',
    'Final-Recipient: rfc822; canary@example.com',
    `Action: ${action}`,
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 <canary@example.com>: no such mailbox',
    '',
    '--A1B2.1/mx.example.com',
    'Content-Type: message/rfc822',
    '',
    'Subject: Action: failed',
    '',
    'Action: failed',
    '',
    '--A1B2.1/mx.example.com--',
    '',
  ].join('\r\n');

describe('what a mail server returns', () => {
  let running: Awaited<ReturnType<typeof runMailer>>;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    running = await runMailer({ mailReturnPath: 'bounces@quantum.example', bouncePort: port });
  });
  afterAll(() => running.stop());

  /** A warning that the mail server took, and the address that it would come back to. */
  async function accepted() {
    const [accountId, messageId] = [uuid(), uuid()];
    const email = `canary-${accountId}@example.com`;
    running.world.addresses.set(accountId, { email });
    await running.tell({
      name: 'InactivityWarningIssued.v1',
      data: { accountId, messageId, dueAt: '2026-07-01T00:00:00.000Z', suspendAt: '2026-07-01T00:00:00.000Z' },
    });
    await until(async () => (await outcomes(messageId)).length > 0);
    const sender = running.world.mails.find((mail) => mail.recipient === email)?.sender ?? '';
    return { messageId, sender };
  }

  async function until(look: () => Promise<boolean>) {
    for (const deadline = performance.now() + 15_000; !(await look());) {
      if (performance.now() > deadline) throw new Error('it did not happen within 15 s');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const outcomes = async (messageId: string) =>
    (await running.outcomes())
      .filter((fact) => 'messageId' in fact.data && fact.data.messageId === messageId)
      .map((fact) => [fact.name, 'bounce' in fact.data ? fact.data.bounce : undefined]);

  /** Hands it over; answers the code. */
  async function hand(raw: string, ...to: string[]): Promise<number> {
    const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true, socketTimeout: 20_000 });
    try {
      const { response } = await transport.sendMail({ envelope: { from: '', to }, raw });
      return Number.parseInt(response ?? '', 10);
    } catch (error) {
      return (error as { responseCode?: number }).responseCode ?? 0;
    } finally {
      transport.close();
    }
  }

  it('is a hard bounce of a message that had been accepted, once however often it comes', async () => {
    const { messageId, sender } = await accepted();
    expect(sender).toMatch(/^bounces\+[\da-f]{32}\.[\da-f]{16}@quantum\.example$/);
    expect([await hand(report('failed'), sender), await hand(report('failed'), sender.toUpperCase())]).toEqual([
      250, 250,
    ]);
    const other = await accepted();
    expect(await hand(report('Failed', 'message/global-delivery-status'), other.sender)).toBe(250);
    await until(async () => (await outcomes(other.messageId)).length === 2);
    expect(await outcomes(messageId)).toEqual([
      ['MailAccepted.v1', undefined],
      ['MailBounced.v1', 'hard'],
    ]);
  });

  it('is no bounce while it is late, was delivered, or where somebody is on holiday', async () => {
    const { messageId, sender } = await accepted();
    for (const action of ['delayed', 'delivered', 'relayed', 'expanded'])
      expect(await hand(report(action), sender)).toBe(250);
    expect(await hand('Subject: Out of office\r\n\r\nAction: failed\r\n', sender)).toBe(554);
    const plain = report('failed').replace('multipart/report; report-type=delivery-status', 'multipart/mixed');
    expect(await hand(plain, sender)).toBe(554);
    const last = await accepted();
    expect(await hand(report('failed'), last.sender)).toBe(250);
    await until(async () => (await outcomes(last.messageId)).length === 2);
    expect(await outcomes(messageId)).toHaveLength(1);
  });

  it('is refused where we have not sent it, before it is read', async () => {
    const { messageId, sender } = await accepted();
    const [, id = '', check = ''] = /\+(.*)\.(.*)@/.exec(sender) ?? [];
    for (const address of [
      'bounces@quantum.example',
      sender.replace(id, uuid().replaceAll('-', '')),
      sender.replace(check, '0'.repeat(16)),
      sender.replace(check, check.slice(1)),
      sender.replace('quantum.example', 'example.com'),
      sender.replace('bounces', 'bounce'),
      `x${sender}`,
      sender.replace('@', '@quantum.example@'),
    ])
      expect([address, [550, 501, 553].includes(await hand(report('failed'), address))]).toEqual([address, true]);
    expect(await outcomes(messageId)).toHaveLength(1);
  });

  it('is refused where it is larger than a report can be', async () => {
    const { messageId, sender } = await accepted();
    const large = report('failed') + `${'a'.repeat(998)}\r\n`.repeat(10_000);
    expect(await hand(large, sender)).toBe(552);
    expect(await outcomes(messageId)).toHaveLength(1);
  });

  it('leaves no address and no word of it in events, tables or logs', async () => {
    const { sender } = await accepted();
    await hand(report('failed'), sender);
    const { rows } = await running.database.pool.query<{ row: string }>('SELECT e::text AS row FROM events e');
    expect(rows.map(({ row }) => row).join() + running.world.log).not.toMatch(/canary|no such mailbox|bounces\+/);
  });
});
