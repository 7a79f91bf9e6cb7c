import { z } from 'zod';
import type { FactKind } from '../facts/fact.ts';

/**
 * What a reader may rely on, as JSON Schema: fields that it does not name may come at any time, so none are forbidden.
 * AsyncAPI 3 embeds draft 7, the files stand in 2020-12.
 */
export function jsonSchema(
  of: z.ZodType,
  target: 'draft-2020-12' | 'draft-7' = 'draft-2020-12',
): Record<string, unknown> {
  return z.toJSONSchema(of, {
    io: 'input',
    target,
    override: ({ jsonSchema: made }) => {
      // The pattern of a format says the same again, and changes with the library's taste.
      if (made.format !== undefined) delete made.pattern;
    },
  });
}

/** A fact's own file. */
export function factSchema({ name, topic, says, schema, example }: FactKind): Record<string, unknown> {
  const { $schema, ...rest } = jsonSchema(schema);
  return { $schema, 'title': name, 'description': says, ...rest, 'examples': [example], 'x-topic': topic };
}
