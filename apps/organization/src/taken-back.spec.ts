import { type Fact, factKinds } from '#contracts';
import type { RecordedEvent } from '#event-sourcing';
import { publish } from './outbox.ts';
import { takenBack } from './taken-back.ts';

const ID = 'organizationId';
const OWN: readonly Fact[] = Object.values(factKinds)
  .filter(({ topic }) => topic.startsWith('organization.'))
  .map(({ name, example }) => ({ name, data: example }) as Fact);

describe('what organization has told', () => {
  it('comes back as what tells the same, or not at all', () => {
    const back = OWN.flatMap((fact) => {
      const event = takenBack(fact);
      if (!event) return [];
      const id = (fact.data as Record<string, string>)[ID];
      expect(publish({ id, event } as RecordedEvent)).toEqual(fact);
      return [fact.name];
    });
    for (const name of ['MemberRemoved.v1', 'ProjectArchived.v1', 'MemberDeactivated.v1', 'OrganizationCreated.v1'])
      expect(back).toContain(name);
    for (const name of ['ScimTokenMade.v1', 'InvitationSent.v1', 'DomainVerified.v1']) expect(back).not.toContain(name);
  });
});
