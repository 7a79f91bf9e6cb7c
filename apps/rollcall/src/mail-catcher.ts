import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail as it arrived. `sentAt` is when, by the machine's clock. */
export interface CaughtMail { readonly to: string; readonly subject: string; readonly text: string; readonly html: string; readonly sentAt: string }

export interface MailCatcher {
  /** Where mail goes: `smtp://127.0.0.1:<port>`. */
  readonly url: string;
  /** What was caught, oldest first; of one address, or all. */
  mails(to?: string): readonly CaughtMail[];
  stop(): Promise<void>;
}

const KEPT_MAX = 500;

/** A mail server for development: takes everything on loopback, sends nothing on, keeps the last 500 in memory. */
export async function startMailCatcher(): Promise<MailCatcher> {
  const caught: CaughtMail[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'], logger: false, size: 1_000_000,
    onData: (stream, session, done) => {
      simpleParser(stream).then(({ subject = '', text = '', html }) => {
        for (const { address } of session.envelope.rcptTo) caught.push({ to: address, subject, text, html: typeof html === 'string' ? html : '', sentAt: new Date().toISOString() });
        caught.splice(0, Math.max(caught.length - KEPT_MAX, 0));
        done();
      }, done);
    },
  });
  // A client that goes away in the middle of a sentence is none of our troubles.
  server.on('error', () => undefined);
  const port = await new Promise<number>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.server.address();
      listening(typeof address === 'object' && address ? address.port : 0);
    });
  });
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails: (to) => (to === undefined ? [...caught] : caught.filter((mail) => mail.to.toLowerCase() === to.toLowerCase())),
    stop: () => new Promise((stopped) => { server.close(() => { stopped(); }); }),
  };
}
