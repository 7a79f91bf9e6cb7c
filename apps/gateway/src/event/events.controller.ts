import { type AnswerOf, type organization, routes, shapes } from '#contracts';
import { type CallContext, Peers, Problem } from '#platform';
import { Controller } from '@nestjs/common';
import { People } from '../account/people.ts';
import { aside } from '../edge/aside.ts';
import { type Ask, Asked, Serve } from '../edge/ask.ts';

/** The scope that a key must name for this: one that may do all may do so in the platform's API, not here. */
const SCOPE = shapes.RECORD_SCOPE;

type Item = AnswerOf<typeof routes.listEvents>['items'][number];

/** The organization's record, for its owners and for programs that they gave a key. */
@Controller()
export class EventsController {
  constructor(
    private readonly peers: Peers,
    private readonly people: People,
  ) {}

  @Serve(routes.listEvents)
  async list(@Asked() ask: Ask<typeof routes.listEvents>): Promise<AnswerOf<typeof routes.listEvents>> {
    const { callerId, organizationId } = asker(ask);
    const { types = [], limit, after, order, actorId, keyId } = ask.query;
    const newestFirst = order === 'newest';
    const { items, next, ...known } = await this.peers
      .of('organization', 'Record')
      .listRecord(
        {
          callerId,
          organizationId,
          types,
          limit,
          after: after === undefined ? 0 : parseInt(after.slice(1), 36),
          newestFirst,
          actorId,
          keyId,
        },
        ask.context,
      );
    const read = items.map((item) => ({ ...item, data: JSON.parse(item.data) as Record<string, unknown> }));
    const nameOf = await this.names(organizationId, read, known, ask.context);
    return {
      items: read.map(({ eventId, type, at, data, actor }) => ({
        id: eventId,
        type,
        at,
        organizationId,
        data,
        actor: actor == null ? null : actorView(actor, nameOf),
        names: Object.fromEntries(idsIn(data).map(([field, id]) => [field, nameOf(id)])),
      })),
      next: newestFirst && next === 0 ? null : `r${next.toString(36)}`,
    };
  }

  /** What people, projects and keys are called now, all that a page names at once. Who has left is a stranger, whose name is private. */
  private async names(
    organizationId: string,
    items: readonly { readonly data: Record<string, unknown> }[],
    { memberIds, projects }: Pick<organization.ListRecordResponse, 'memberIds' | 'projects'>,
    context: CallContext,
  ): Promise<(id: string) => string | null> {
    const keyIds = items.flatMap(({ data }) =>
      idsIn(data).flatMap(([field, id]) => (KEY_FIELDS.includes(field) ? [id] : [])),
    );
    const [people, named] = await Promise.all([
      aside((asked) => this.people.names(memberIds, asked), context),
      keyIds.length === 0
        ? undefined
        : aside(
            (asked) =>
              this.peers.of('key-management', 'Keys').nameKeys({ organizationId, keyIds: [...new Set(keyIds)] }, asked),
            context,
          ),
    ]);
    const names = new Map([
      ...(people ?? []),
      ...projects.map(({ projectId, name }) => [projectId, name] as const),
      ...(named?.keys ?? []).map(({ keyId, name }) => [keyId, name] as const),
    ]);
    return (id) => names.get(id) ?? null;
  }
}

const KEY_FIELDS = ['keyId', 'replaces', 'replacedBy'];
const NAMED_FIELDS = [...KEY_FIELDS, 'accountId', 'ownerId', 'inviterId', 'projectId'];

/** The fields of a fact that hold the id of what has a name. */
const idsIn = (data: Record<string, unknown>): [field: string, id: string][] =>
  Object.entries(data).filter(
    (entry): entry is [string, string] => NAMED_FIELDS.includes(entry[0]) && typeof entry[1] === 'string',
  );

/** `account:<id>`, `service:<name>` or `operator`. */
function actorView(actor: string, nameOf: (id: string) => string | null): NonNullable<Item['actor']> {
  const [kind, id] = actor.split(':');
  if (kind === 'account' && id !== undefined) return { kind, accountId: id, name: nameOf(id) };
  return { kind: kind === 'operator' ? kind : 'service', accountId: null, name: null };
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
