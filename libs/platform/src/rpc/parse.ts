import { fieldProblem } from '#contracts';
import type { z } from 'zod';
import { Problem } from '../base/problem.ts';
import { pointerTo } from '../json/pointer.ts';

/** What the generated type of a gRPC request cannot say of it: an instant, a range, that a reason is given. @throws Problem with a pointer per field. */
export function parse<S extends z.ZodType>(schema: S, request: unknown): z.output<S> {
  const parsed = schema.safeParse(request, { error: fieldProblem });
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => ({ pointer: pointerTo(path), detail: message }));
  throw new Problem(
    'request/invalid',
    `The request does not have the shape it must have: ${fields.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join('; ')}.`,
    { fields },
  );
}
