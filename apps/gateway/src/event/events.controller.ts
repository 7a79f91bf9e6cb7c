import { type AnswerOf, routes, shapes } from '#contracts';
import { Peers, Problem } from '#platform';
import { Controller } from '@nestjs/common';
import { type Ask, Asked, Serve } from '../edge/ask.ts';

/** The scope that a key must name for this: one that may do all may do so in the platform's API, not here. */
const SCOPE = shapes.RECORD_SCOPE;

/** The organization's record, for its owners and for programs that they gave a key. */
@Controller()
export class EventsController {
  constructor(private readonly peers: Peers) {}

  @Serve(routes.listEvents)
  async list(@Asked() ask: Ask<typeof routes.listEvents>): Promise<AnswerOf<typeof routes.listEvents>> {
    const { callerId, organizationId } = asker(ask);
    const { types = [], limit, after } = ask.query;
    const { items, next } = await this.peers
      .of('organization', 'Record')
      .listRecord(
        { callerId, organizationId, types, limit, after: after === undefined ? 0 : parseInt(after.slice(1), 36) },
        ask.context,
      );
    return {
      items: items.map(({ eventId, type, at, data }) => ({
        id: eventId,
        type,
        at,
        organizationId,
        data: JSON.parse(data) as Record<string, unknown>,
      })),
      next: `r${next.toString(36)}`,
    };
  }
}

/** The caller and the organization: a session names one, a key belongs to one. */
function asker({
  who,
  holder,
  query: { organizationId },
}: Pick<Ask<typeof routes.listEvents>, 'who' | 'holder' | 'query'>): { callerId: string; organizationId: string } {
  if (holder) {
    if (!holder.scopes.includes(SCOPE))
      throw new Problem(
        'key/scope-required',
        `This key lacks the scope ${SCOPE}. An owner of the organization can make a key that has it.`,
      );
    if (organizationId !== undefined && organizationId !== holder.organizationId)
      throw new Problem('organization/unknown', 'You have no organization with this id.');
    return { callerId: holder.accountId, organizationId: holder.organizationId };
  }
  if (!who) throw new Problem('session/required', 'Sign in first, or send a key with the scope events:read.');
  if (organizationId === undefined)
    throw new Problem('request/invalid', 'Say which organization.', {
      fields: [{ pointer: '/organizationId', detail: 'is needed' }],
    });
  return { callerId: who.accountId, organizationId };
}
