import { request } from 'node:http';
import { createTransport } from 'nodemailer';
import { type MailCatcher, startMailCatcher } from './mail-catcher.ts';

describe('the mail catcher', () => {
  let catcher: MailCatcher;
  beforeAll(async () => {
    catcher = await startMailCatcher();
  });
  afterAll(() => catcher.stop());

  const send = (to: string, subject = 'Hello') =>
    createTransport(catcher.url).sendMail({
      from: 'no-reply@example.com',
      to,
      subject,
      text: 'plain: ☂',
      html: '<p>rich: ☂</p>',
    });

  it('keeps what it is sent, as it was written', async () => {
    await send('ada@example.com');
    expect(catcher.mails('Ada@Example.com')).toEqual([
      {
        to: 'ada@example.com',
        subject: 'Hello',
        text: 'plain: ☂',
        html: '<p>rich: ☂</p>',
        sentAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      },
    ]);
    expect(catcher.mails('grace@example.com')).toEqual([]);
  });

  it('shows what it caught to whoever knows the address alone, under no other name, and only to readers', async () => {
    await send('grace@example.com');
    const url = new URL(catcher.readUrl);
    const get = (path: string, init: { method?: string; headers?: Record<string, string> } = {}) =>
      new Promise<number>((done, failed) => {
        request({ host: url.hostname, port: url.port, path, ...init }, (answer) => {
          answer.resume();
          done(answer.statusCode ?? 0);
        })
          .once('error', failed)
          .end();
      });
    expect(await get(`${url.pathname}/mails?to=grace@example.com`)).toBe(200);
    for (const path of ['/mails', '/', '/x/mails', `${url.pathname}x/mails`]) expect(await get(path)).toBe(404);
    expect(await get(`${url.pathname}/mails`, { headers: { host: 'rebound.example' } })).toBe(421);
    expect(await get(`${url.pathname}/mails`, { method: 'POST' })).toBe(404);
  });

  it('keeps the last 500, oldest first', async () => {
    const transport = createTransport({ url: catcher.url });
    for (let i = 0; i < 501; i += 100)
      await Promise.all(
        Array.from({ length: 100 }, (_, j) =>
          transport.sendMail({
            from: 'no-reply@example.com',
            to: `n${i + j}@example.com`,
            subject: String(i + j),
            text: '',
          }),
        ),
      );
    expect(catcher.mails()).toHaveLength(500);
    expect(Number(catcher.mails()[0]?.subject)).toBeLessThan(Number(catcher.mails().at(-1)?.subject));
  });
});
