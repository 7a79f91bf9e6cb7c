import { createServer, type Server } from 'node:http';
import type { Server as NetServer } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail as it arrived. `sentAt` is when, by the machine's clock. */
export interface CaughtMail { readonly to: string; readonly subject: string; readonly text: string; readonly html: string; readonly sentAt: string }

export interface MailCatcher {
  /** Where mail goes: `smtp://127.0.0.1:<port>`. */
  readonly url: string;
  /** Where it can be read: `GET <readUrl>/mails?to=`. */
  readonly readUrl: string;
  /** What was caught, oldest first; of one address, or all. */
  mails(to?: string): readonly CaughtMail[];
  stop(): Promise<void>;
}

const KEPT_MAX = 500;

/** A mail server for development: takes everything, sends nothing on, keeps the last 500 in memory. On free ports of loopback, unless told otherwise. */
export async function startMailCatcher(at = { host: '127.0.0.1', smtp: 0, read: 0 }): Promise<MailCatcher> {
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
  const mails = (to?: string) => (to === undefined ? [...caught] : caught.filter((mail) => mail.to.toLowerCase() === to.toLowerCase()));
  const reader = createServer((request, response) => {
    const to = new URL(request.url ?? '/', 'http://catcher').searchParams.get('to') ?? undefined;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ items: mails(to) }));
  });
  const [port, readPort] = await Promise.all([listening(server.server, at.smtp), listening(reader, at.read)]);
  return {
    url: `smtp://${at.host}:${port}`, readUrl: `http://${at.host}:${readPort}`, mails,
    stop: async () => {
      reader.closeAllConnections();
      await Promise.all([closed(reader), new Promise<void>((stopped) => { server.close(() => { stopped(); }); })]);
    },
  };

  function listening(which: NetServer, wanted: number): Promise<number> {
    return new Promise((done, failed) => {
      which.once('error', failed);
      which.listen(wanted, at.host, () => {
        const address = which.address();
        done(typeof address === 'object' && address ? address.port : 0);
      });
    });
  }
}

const closed = (server: Server) => new Promise<void>((done) => { server.close(() => { done(); }); });
