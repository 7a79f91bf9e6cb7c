import { Problem } from '#platform';
import type { z } from 'zod';

/** A request in the shape it must have. @throws Problem with a pointer per field. */
export function parse<S extends z.ZodType>(schema: S, request: unknown): z.output<S> {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, detail: message }));
  throw new Problem('request/invalid', 'The request does not have the shape it must have.', { fields });
}
