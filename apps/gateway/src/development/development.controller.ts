import { type AnswerOf, routes } from '#contracts';
import { Clock, Peers, SERVICE_CONFIG } from '#platform';
import { Controller, Inject } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import type { GatewayConfig } from '../config.ts';
import { type Ask, Asked, Serve } from '../edge/ask.ts';
import { escaped, page } from '../http/page.ts';

const MAIL_MS = 5_000;

type Mail = AnswerOf<typeof routes.devMail>['items'][number];

/** Aids for developers, on this machine alone: the mails that were caught, and a clock that can be moved forward. */
@Controller()
export class DevelopmentController {
  constructor(
    private readonly peers: Peers,
    private readonly clock: Clock,
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Serve(routes.devMail)
  async mail(
    @Asked() { query, request, reply }: Ask<typeof routes.devMail>,
  ): Promise<AnswerOf<typeof routes.devMail> | string> {
    const items = await this.awaited(query.to);
    if (!(request.headers.accept ?? '').includes('text/html')) return { items };
    void reply.header('content-type', 'text/html; charset=utf-8');
    return page(
      'Caught mail',
      items
        .map(
          ({ to, subject, text, sentAt }) =>
            `<article><h2>${escaped(subject)}</h2><p>${escaped(to)} · ${escaped(sentAt)}</p><pre>${linked(escaped(text))}</pre></article>`,
        )
        .join('') || '<p>No mail yet.</p>',
    );
  }

  @Serve(routes.advanceClock)
  async advance(
    @Asked() { body: { seconds }, context }: Ask<typeof routes.advanceClock>,
  ): Promise<AnswerOf<typeof routes.advanceClock>> {
    await this.peers.of('inactivity-policy', 'DevClock').advanceClock({ seconds }, context);
    return { now: this.clock.now().toISOString() };
  }

  /** A mail is on its way for a moment: who asks for an address is told when the first is there, or after 5 s that there is none. */
  private async awaited(to?: string): Promise<Mail[]> {
    for (const until = Date.now() + MAIL_MS; ; await pause(100)) {
      const items = await this.caught(to);
      if (items.length > 0 || to === undefined || Date.now() > until) return items;
    }
  }

  private async caught(to?: string): Promise<Mail[]> {
    const { mailCatcherUrl } = this.config;
    if (mailCatcherUrl === undefined) return [];
    const answer = await fetch(`${mailCatcherUrl}/mails${to === undefined ? '' : `?to=${encodeURIComponent(to)}`}`);
    return ((await answer.json()) as { items: Mail[] }).items;
  }
}

const linked = (text: string) => text.replaceAll(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
