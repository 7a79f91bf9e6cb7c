import { type Fact, factKinds } from '#contracts';
import type { RecordedEvent } from '#event-sourcing';
import { publish } from './outbox.ts';
import { takenBack } from './taken-back.ts';

const OWN: readonly Fact[] = Object.values(factKinds)
  .filter(({ topic }) => topic.startsWith('identity.'))
  .map(({ name, example }) => ({ name, data: example }) as Fact);

describe('what identity has told', () => {
  it('comes back as what tells the same, or not at all: nothing that proves a person', () => {
    const back = OWN.flatMap((fact) => {
      const event = takenBack(fact);
      if (!event) return [];
      const { accountId: id } = fact.data as { accountId: string };
      expect(publish({ id, event } as RecordedEvent)).toEqual(fact);
      return [fact.name];
    });
    expect(back).toEqual([
      'AccountSuspended.v1',
      'AccountReactivated.v1',
      'PasswordWithdrawn.v1',
      'FactorRemoved.v1',
      'PasskeyCloned.v1',
    ]);
  });
});
