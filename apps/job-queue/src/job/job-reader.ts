import type { ProblemCode } from '#contracts';
import { ZodError } from 'zod';
import { type WrittenJob, written } from './job-contents.ts';
import { parseJobInput, PROBLEMS_MAX } from './job-input.ts';

/** Why a body is no job. */
export interface Refusal {
  readonly refused: Extract<ProblemCode, 'job/unsupported' | 'request/invalid'>;
  readonly fields: readonly { readonly path: readonly string[]; readonly detail: string }[];
}

const DETAIL_MAX = 300;

/** A job as it is kept, or the place of each field that is wrong. Loaded by Node itself in a thread, also from source: this file and what it imports keep to types that can be stripped. */
export function read(body: unknown): WrittenJob | Refusal {
  try {
    return written(parseJobInput(body));
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const issues = error.issues.slice(0, PROBLEMS_MAX);
    const unsupported = issues.some((issue) => issue.path[0] === 'type' || issue.path[0] === 'backend');
    return {
      refused: unsupported ? 'job/unsupported' : 'request/invalid',
      fields: issues.map(({ path, message }) => ({ path: path.map(String), detail: message.slice(0, DETAIL_MAX) })),
    };
  }
}
