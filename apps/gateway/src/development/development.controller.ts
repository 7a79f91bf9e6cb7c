import { type AnswerOf, routes } from '#contracts';
import { Clock, Peers } from '#platform';
import { Controller, Inject } from '@nestjs/common';
import { type Ask, Asked, Serve } from '../edge/ask.ts';
import { escaped, page } from '../pages/page.ts';

type Mail = AnswerOf<typeof routes.devMail>['items'][number];

/** Where caught mails are; given by whoever runs the catcher. */
export const CAUGHT_MAILS = Symbol('CAUGHT_MAILS');
export type CaughtMails = (to?: string) => readonly Mail[];

/** Aids for developers, on this machine alone: the mails that were caught, and a clock that can be moved forward. */
@Controller()
export class DevelopmentController {
  constructor(private readonly peers: Peers, private readonly clock: Clock, @Inject(CAUGHT_MAILS) private readonly mails: CaughtMails) {}

  @Serve(routes.devMail)
  mail(@Asked() { query, request, reply }: Ask<typeof routes.devMail>): AnswerOf<typeof routes.devMail> | string {
    const items = this.mails(query.to).map(({ to, subject, text, html, sentAt }) => ({ to, subject, text, html, sentAt }));
    if (!(request.headers.accept ?? '').includes('text/html')) return { items };
    void reply.header('content-type', 'text/html; charset=utf-8');
    return page('Caught mail', items.map(({ to, subject, text, sentAt }) => `<article><h2>${escaped(subject)}</h2><p>${escaped(to)} · ${escaped(sentAt)}</p><pre>${linked(escaped(text))}</pre></article>`).join('') || '<p>No mail yet.</p>');
  }

  @Serve(routes.advanceClock)
  async advance(@Asked() { body: { seconds }, context }: Ask<typeof routes.advanceClock>): Promise<AnswerOf<typeof routes.advanceClock>> {
    await this.peers.of('inactivity-policy', 'DevClock').advanceClock({ seconds }, context);
    return { now: this.clock.now().toISOString() };
  }
}

const linked = (text: string) => text.replaceAll(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
