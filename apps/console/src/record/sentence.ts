import type { Item } from '../api/client.ts';
import { gone, named, sentences, unknown, who } from '../texts/record.ts';

type Recorded = Pick<Item<'/v1/events'>, 'type' | 'data' | 'actor' | 'names'>;

/** What happened, as one tells it. A type that this console does not know yet is named. */
export function sentenceOf({ type, data, actor, names }: Recorded): string {
  const name = (field: string) => {
    const known = names[field];
    const say = Object.entries(named).find(([of]) => of === field)?.[1];
    return known && say ? say(known) : (gone[field] ?? field);
  };
  const said = sentences[type]?.({ who: actorOf(actor), name, data }) ?? unknown(type);
  return said.charAt(0).toLocaleUpperCase() + said.slice(1);
}

function actorOf(actor: Recorded['actor']): string {
  if (actor === null) return who.unknown;
  return actor.kind === 'account' ? (actor.name ?? who.gone) : who[actor.kind];
}
