import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { ConfigError, errorFields, type Logger, LOGGER, SERVICE_CONFIG } from '#platform';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { z } from 'zod';
import type { MailerConfig } from '../config.ts';
import { isNear, isSigned } from './hook-signature.ts';
import { ReturnedMails } from './returned-mails.ts';

const BODY_BYTES_MAX = 4_096;

/** The message as its `Message-ID` names it, `<id@host>`, or its id alone. */
const word = z.object({
  messageId: z
    .string()
    .transform((text) => /^<?([^@<>]*)(@[^@<>]*>?)?$/.exec(text)?.[1] ?? '')
    .pipe(z.uuid()),
});

type Answer = readonly [status: number, detail: string];

/** Takes the word of who sends our mail for us that one came back: `POST /bounces` on `BOUNCE_HOOK_PORT`, signed as Standard Webhooks are. */
@Injectable()
export class BounceHook implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private server: Server | undefined;

  constructor(
    private readonly returned: ReturnedMails,
    @Inject(SERVICE_CONFIG) private readonly config: MailerConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    if (config.bounceHookPort !== undefined && config.mailBounceSecret === undefined)
      throw new ConfigError([
        'MAIL_BOUNCE_SECRET: is needed with BOUNCE_HOOK_PORT: whsec_ and 32 random bytes in base64',
      ]);
  }

  async onApplicationBootstrap(): Promise<void> {
    const { bounceHookPort: port, bounceHost: host, mailBounceSecret: secret } = this.config;
    if (port === undefined || secret === undefined) return;
    this.server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
      void this.answer(request, secret)
        .catch((error: unknown): Answer => {
          this.logger.warn(errorFields(error), 'a bounce could not be recorded');
          return [503, 'This cannot be recorded now. Send it again.'];
        })
        .then(([status, detail]) => {
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ detail }));
          // Let go unread, for as long as a request may take: who still sends would else see no answer but a broken connection.
          request.resume();
        });
    });
    this.server.maxConnections = 50;
    await once(this.server.listen({ port, host, reusePort: true }), 'listening').catch((error: unknown) => {
      throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
        ? new Error(`port ${port} is in use. Set BOUNCE_HOOK_PORT to another one, or unset it`)
        : error;
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (!server) return;
    const closed = new Promise((done) => server.close(done));
    server.closeIdleConnections();
    await closed;
  }

  /** The cheapest refusal comes first. */
  private async answer(request: IncomingMessage, secret: string): Promise<Answer> {
    if (request.method !== 'POST' || request.url !== '/bounces') return [404, 'There is POST /bounces alone.'];
    if (!isNear(request.headers, new Date()))
      return [401, 'webhook-timestamp must be within five minutes of now, in seconds since 1970.'];
    const body = await bodyOf(request);
    if (!body) return [413, `The body has ${BODY_BYTES_MAX} bytes at most.`];
    if (!isSigned(request.headers, body, secret))
      return [401, 'webhook-signature is none of webhook-id, webhook-timestamp and body under MAIL_BOUNCE_SECRET.'];
    const parsed = word.safeParse(parsedJson(body));
    if (!parsed.success) return [400, 'The body must be {"messageId": "<the Message-ID of our mail>"}.'];
    return (await this.returned.record(parsed.data.messageId))
      ? [200, 'It is known that this message came back.']
      : [404, 'No message of ours has this id.'];
  }
}

/** Undefined where it is too long; the rest is not read then. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) return undefined;
  const pieces: Buffer[] = [];
  let length = 0;
  // Else the connection would end before it is answered.
  const pieceByPiece = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const piece of pieceByPiece) {
    length += piece.length;
    if (length > BODY_BYTES_MAX) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function parsedJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
