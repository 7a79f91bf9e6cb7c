import type { organization } from '#contracts';
import { type PostgresEventStore, type Sql, streamName } from '#event-sourcing';
import { membersAmong, projectNames } from '../organization/organization-directory.query.ts';
import { invitation, type InvitationEvent } from '../invitation/invitation.decider.ts';

type Listed = Omit<organization.Invitation, 'email'>;

/** A page of an organization's invitations with what their streams and the lists of the organization say of them. */
export async function detailed(
  store: PostgresEventStore,
  sql: Sql,
  organizationId: string,
  items: readonly Listed[],
): Promise<Listed[]> {
  const streamOf = ({ invitationId }: Listed) => streamName(invitation.category, invitationId);
  const streams = await store.readStreams<InvitationEvent>(items.map(streamOf));
  const sent = items.map((item) => {
    const sendings = (streams.get(streamOf(item)) ?? []).flatMap(({ event, eventId, occurredAt }) =>
      event.type === 'InvitationSent' ? [{ eventId, occurredAt, inviterId: event.data.inviterId }] : [],
    );
    return { item, first: sendings[0], last: sendings.at(-1) };
  });
  const [here, projects] = await Promise.all([
    membersAmong(
      sql,
      organizationId,
      sent.flatMap(({ last }) => last?.inviterId ?? []),
    ),
    projectNames(
      sql,
      organizationId,
      items.flatMap(({ projectIds }) => projectIds),
    ),
  ]);
  return sent.map(({ item, first, last }) => {
    if (!first || !last) throw new Error('an invitation in the list is not in the log');
    return {
      ...item,
      detail: {
        createdAt: first.occurredAt.toISOString(),
        inviterId: last.inviterId,
        inviterLeft: !here.includes(last.inviterId),
        projects: projects.filter(({ projectId }) => item.projectIds.includes(projectId)),
        sentEventId: last.eventId,
      },
    };
  });
}
