import { isDeepStrictEqual } from 'node:util';
import type { ReleasedFact } from './released-fact.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Keywords that say nothing about the data, or stand in another place. A format's pattern belongs to the format. */
const APART = new Set([
  '$schema',
  'title',
  'description',
  'examples',
  'properties',
  'required',
  'items',
  'anyOf',
  'type',
  'enum',
  'default',
  'pattern',
]);

/**
 * Why readers of a released fact could not read today's, or today's readers not that one: a sentence for each break, none
 * when it is compatible. Only optional fields may be added. A wider enum or type counts, too: a reader one version behind
 * would not know the value.
 */
export function breaks(
  released: Pick<ReleasedFact, 'name' | 'topic' | 'schema'>,
  today: Pick<ReleasedFact, 'topic' | 'schema'> | undefined,
): string[] {
  if (!today) return [`${released.name} is gone: facts that were sent stay for ever`];
  const moved = released.topic === today.topic ? [] : [`its topic changed from ${released.topic} to ${today.topic}`];
  return [...moved, ...differences(released.schema, today.schema, '')].map((what) => `${released.name}: ${what}`);
}

function differences(before: Schema, now: Schema, at: string): string[] {
  const here = at === '' ? 'the data' : at;
  if (!isDeepStrictEqual(before.type, now.type)) return [`${here} was ${kind(before)} and is ${kind(now)}`];
  return [
    ...enumOf(before, now, here),
    ...bounds(before, now, here),
    ...fields(before, now, at),
    ...within(before, now, at),
  ];
}

const kind = (schema: Schema) => JSON.stringify(schema.type ?? (schema.anyOf ? 'one of several' : 'anything'));

const enumOf = (before: Schema, now: Schema, here: string): string[] =>
  isDeepStrictEqual(before.enum, now.enum)
    ? []
    : [`the values of ${here} were ${JSON.stringify(before.enum)} and are ${JSON.stringify(now.enum)}`];

function bounds(before: Schema, now: Schema, here: string): string[] {
  const patterned = before.format === undefined && now.format === undefined ? ['pattern'] : [];
  const keywords = [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((keyword) => !APART.has(keyword))
    .concat(patterned);
  return keywords
    .filter((keyword) => !isDeepStrictEqual(before[keyword], now[keyword]))
    .map(
      (keyword) =>
        `${keyword} of ${here} was ${JSON.stringify(before[keyword])} and is ${JSON.stringify(now[keyword])}`,
    );
}

function fields(before: Schema, now: Schema, at: string): string[] {
  const [old, fresh] = [propertiesOf(before), propertiesOf(now)];
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].flatMap((name) => {
    const [was, is, path] = [old[name], fresh[name], `${at}/${name}`];
    const [needed, needs] = [requires(before, name), requires(now, name)];
    if (!is) return [`${path} is gone`];
    if (!was) return needs ? [`${path} is new and required: facts that were sent do not have it`] : [];
    return [
      ...(needed === needs
        ? []
        : [`${path} was ${needed ? 'required' : 'optional'} and is ${needs ? 'required' : 'optional'}`]),
      ...differences(was, is, path),
    ];
  });
}

function within(before: Schema, now: Schema, at: string): string[] {
  const items =
    before.items === undefined && now.items === undefined
      ? []
      : differences((before.items ?? {}) as Schema, (now.items ?? {}) as Schema, `${at}/*`);
  const [old, fresh] = [(before.anyOf ?? []) as Schema[], (now.anyOf ?? []) as Schema[]];
  if (old.length !== fresh.length) return [...items, `${at} had ${old.length} forms and has ${fresh.length}`];
  return [...items, ...old.flatMap((form, i) => differences(form, fresh[i] ?? {}, at))];
}

const propertiesOf = (schema: Schema) => (schema.properties ?? {}) as Record<string, Schema | undefined>;
const requires = (schema: Schema, name: string) => ((schema.required ?? []) as string[]).includes(name);
