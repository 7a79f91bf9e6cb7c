import { type CallContext, Problem } from '#platform';

const WITHIN_MS = 1_000;

/**
 * What a service adds to another's answer: undefined where it does not answer within a second. A list by which somebody is removed or an invitation
 * withdrawn is shown though mailer, say, is away.
 */
export async function aside<T>(
  ask: (context: CallContext) => Promise<T>,
  context: CallContext,
): Promise<T | undefined> {
  try {
    return await ask({ ...context, timeoutMs: WITHIN_MS });
  } catch (error) {
    if (error instanceof Problem && error.code === 'service/unavailable') return undefined;
    throw error;
  }
}
