import { type FieldProblem, fieldProblem } from '#contracts';
import { pointerTo, Problem } from '#platform';
import type { z } from 'zod';

/** Of an answer that says what is wrong: it does not grow with what was sent. */
const [ERRORS_MAX, POINTER_MAX, DETAIL_MAX] = [20, 200, 300];

/** Reads a part of a request by its schema. @throws Problem with a pointer for each field that is not as it must be. */
export function read<S extends z.ZodType | undefined>(
  schema: S,
  value: unknown,
  part: 'query' | 'body',
): S extends z.ZodType ? z.output<S> : undefined;
export function read(schema: z.ZodType | undefined, value: unknown, part: 'query' | 'body'): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value, { error: fieldProblem });
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.flatMap((issue): FieldProblem[] => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    return unknown.length > 0
      ? unknown.map((name) => ({ pointer: pointerTo([...issue.path, name]), detail: 'is not known here' }))
      : [{ pointer: pointerTo(issue.path), detail: issue.message }];
  });
  throw new Problem(
    'request/invalid',
    part === 'body'
      ? 'Some fields of the body are not as they must be.'
      : 'Some query parameters are not as they must be.',
    {
      part,
      fields: fields
        .slice(0, ERRORS_MAX)
        .map(({ pointer, detail }) => ({
          pointer: pointer.slice(0, POINTER_MAX),
          detail: detail.slice(0, DETAIL_MAX),
        })),
    },
  );
}
