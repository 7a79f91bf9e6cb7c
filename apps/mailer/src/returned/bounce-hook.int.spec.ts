import { createHmac, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { freePort } from '#testing';
import { v7 as uuid } from 'uuid';
import { runMailer } from '../mailer.fixture.ts';

describe('POST /bounces', () => {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  let running: Awaited<ReturnType<typeof runMailer>>;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    running = await runMailer({ bounceHookPort: port, mailBounceSecret: secret });
  });
  afterAll(() => running.stop());

  interface Sent {
    body?: string;
    at?: number;
    under?: string;
    headers?: Record<string, string>;
    path?: string;
    method?: string;
  }

  /** Sends it as a provider would, in pieces unless its length is told; answers the status. */
  function send(messageId: string, sent: Sent = {}): Promise<number> {
    const { body = JSON.stringify({ messageId }), at = Date.now(), under = secret } = sent;
    const [id, timestamp] = [uuid(), String(Math.floor(at / 1_000))];
    const signature = createHmac('sha256', Buffer.from(under.slice(6), 'base64'))
      .update(`${id}.${timestamp}.${body}`)
      .digest('base64');
    return new Promise((status, failed) => {
      const call = request({
        port,
        path: sent.path ?? '/bounces',
        method: sent.method ?? 'POST',
        headers: {
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${signature}`,
          ...sent.headers,
        },
      });
      call
        .on('response', (response) => {
          response.resume();
          status(response.statusCode ?? 0);
        })
        .on('error', failed);
      call.write(body);
      call.end();
    });
  }

  async function accepted() {
    const [accountId, messageId] = [uuid(), uuid()];
    running.world.addresses.set(accountId, { email: `${accountId}@example.com` });
    await running.tell({
      name: 'InactivityWarningIssued.v1',
      data: { accountId, messageId, dueAt: '2026-07-01T00:00:00.000Z', suspendAt: '2026-07-01T00:00:00.000Z' },
    });
    await until(messageId, 1);
    return messageId;
  }

  const outcomes = async (messageId: string) =>
    (await running.outcomes())
      .filter((fact) => 'messageId' in fact.data && fact.data.messageId === messageId)
      .map((fact) => fact.name);

  async function until(messageId: string, count: number) {
    for (const deadline = performance.now() + 15_000; (await outcomes(messageId)).length < count;) {
      if (performance.now() > deadline) throw new Error('it did not happen within 15 s');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it('is a hard bounce of a message that had been accepted, once however often it is said', async () => {
    const [messageId, other] = [await accepted(), await accepted()];
    expect([await send(messageId), await send(`<${messageId}@quantum.example>`)]).toEqual([200, 200]);
    expect(await send(`${other}@quantum.example`)).toBe(200);
    await until(other, 2);
    expect(await outcomes(messageId)).toEqual(['MailAccepted.v1', 'MailBounced.v1']);
  });

  it('is refused where it is not signed, or was signed long ago, or for another message', async () => {
    const messageId = await accepted();
    expect(await send(messageId, { under: `whsec_${randomBytes(32).toString('base64')}` })).toBe(401);
    expect(await send(messageId, { at: Date.now() - 301_000 })).toBe(401);
    expect(await send(messageId, { at: Date.now() + 302_000 })).toBe(401);
    expect(await send(messageId, { headers: { 'webhook-id': 'another' } })).toBe(401);
    expect(await send(messageId, { headers: { 'webhook-signature': '' } })).toBe(401);
    expect(await send(messageId, { headers: { 'webhook-timestamp': 'now' } })).toBe(401);
    expect(await outcomes(messageId)).toEqual(['MailAccepted.v1']);
  });

  it('is refused where there is no such message, or none is named', async () => {
    expect(await send(uuid())).toBe(404);
    for (const body of ['', 'null', '[]', '{', '{"messageId":1}', '{"messageId":"<a@b>"}', '{"messageId":"a@b@c"}'])
      expect([body, await send('', { body })]).toEqual([body, 400]);
    expect(await send('', { path: '/' })).toBe(404);
    expect(await send('', { method: 'PUT' })).toBe(404);
  });

  it('is refused where it is long, and others are taken', async () => {
    const body = 'a'.repeat(10_000_000);
    expect(await send('', { body, headers: { 'content-length': String(body.length) } })).toBe(413);
    expect(await send('', { body })).toBe(413);
    const messageId = await accepted();
    expect(await send(messageId)).toBe(200);
  });
});
