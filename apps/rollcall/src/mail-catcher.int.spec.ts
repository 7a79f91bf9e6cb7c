import { createTransport } from 'nodemailer';
import { type MailCatcher, startMailCatcher } from './mail-catcher.ts';

describe('the mail catcher', () => {
  let catcher: MailCatcher;
  beforeAll(async () => { catcher = await startMailCatcher(); });
  afterAll(() => catcher.stop());

  const send = (to: string, subject = 'Hello') => createTransport(catcher.url).sendMail({ from: 'no-reply@example.com', to, subject, text: 'plain: ☂', html: '<p>rich: ☂</p>' });

  it('keeps what it is sent, as it was written', async () => {
    await send('ada@example.com');
    expect(catcher.mails('Ada@Example.com')).toEqual([{ to: 'ada@example.com', subject: 'Hello', text: 'plain: ☂', html: '<p>rich: ☂</p>', sentAt: expect.stringMatching(/^\d{4}-.*Z$/) as string }]);
    expect(catcher.mails('grace@example.com')).toEqual([]);
  });

  it('keeps the last 500, oldest first', async () => {
    const transport = createTransport({ url: catcher.url });
    for (let i = 0; i < 501; i += 100) await Promise.all(Array.from({ length: 100 }, (_, j) => transport.sendMail({ from: 'no-reply@example.com', to: `n${i + j}@example.com`, subject: String(i + j), text: '' })));
    expect(catcher.mails()).toHaveLength(500);
    expect(Number(catcher.mails()[0]?.subject)).toBeLessThan(Number(catcher.mails().at(-1)?.subject));
  });
});
