import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Server as NetServer } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail as it arrived. `sentAt` is when, by the machine's clock. */
export interface CaughtMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly sentAt: string;
}

export interface MailCatcher {
  /** Where mail goes: `smtp://127.0.0.1:<port>`. */
  readonly url: string;
  /** Where mails can be read, a secret: `GET <readUrl>/mails?to=`. A reader of mails can follow the links in them. */
  readonly readUrl: string;
  /** What was caught, oldest first; of one address, or all. */
  mails(to?: string): readonly CaughtMail[];
  stop(): Promise<void>;
}

const KEPT_MAX = 500;
const KEPT_CHARACTERS_MAX = 20_000_000;

/** Where it listens and is read. `readUrl`, where it is known before: its host and path are the only ones that are answered. */
interface At {
  readonly host: string;
  readonly smtp: number;
  readonly read: number;
  readonly readUrl?: string;
}

/** A mail server for development: takes everything, sends nothing on, keeps the last 500 in memory (20 MB at most). On free ports of loopback, unless told otherwise. */
export async function startMailCatcher(at: At = { host: '127.0.0.1', smtp: 0, read: 0 }): Promise<MailCatcher> {
  const caught: CaughtMail[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    size: 1_000_000,
    onData: (stream, session, done) => {
      simpleParser(stream).then(({ subject = '', text = '', html }) => {
        for (const { address } of session.envelope.rcptTo)
          caught.push({
            to: address,
            subject,
            text,
            html: typeof html === 'string' ? html : '',
            sentAt: new Date().toISOString(),
          });
        while (caught.length > KEPT_MAX || kept() > KEPT_CHARACTERS_MAX) caught.shift();
        done();
      }, done);
    },
  });
  // A client that goes away in the middle of a sentence is none of our troubles.
  server.on('error', () => undefined);
  const mails = (to?: string) =>
    to === undefined ? [...caught] : caught.filter((mail) => mail.to.toLowerCase() === to.toLowerCase());
  const kept = () => caught.reduce((sum, { text, html }) => sum + text.length + html.length, 0);
  const reader = createServer((request, response) => {
    const asked = URL.canParse(request.url ?? '', readUrl.origin)
      ? new URL(request.url ?? '', readUrl.origin)
      : undefined;
    response
      .setHeader('cache-control', 'no-store')
      .setHeader('x-content-type-options', 'nosniff')
      .setHeader('content-type', 'application/json');
    if (asked?.pathname === '/livez') response.end('{}');
    else if (request.headers.host !== readUrl.host) response.writeHead(421).end();
    else if (request.method !== 'GET' || asked?.pathname !== `${readUrl.pathname}/mails`) response.writeHead(404).end();
    else response.end(JSON.stringify({ items: mails(asked.searchParams.get('to') ?? undefined) }));
  });
  const [port, readPort] = await Promise.all([listening(server.server, at.smtp), listening(reader, at.read)]);
  const readUrl = new URL(at.readUrl ?? `http://${at.host}:${readPort}/${randomBytes(24).toString('base64url')}`);
  return {
    url: `smtp://${at.host}:${port}`,
    readUrl: readUrl.href,
    mails,
    stop: async () => {
      reader.closeAllConnections();
      await Promise.all([
        closed(reader),
        new Promise<void>((stopped) => {
          server.close(() => {
            stopped();
          });
        }),
      ]);
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

const closed = (server: Server) =>
  new Promise<void>((done) => {
    server.close(() => {
      done();
    });
  });
