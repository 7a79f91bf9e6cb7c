import { type FieldProblem, GRPC_STATUS, type ProblemCode, grpcStatus, isProblemCode, problems } from '#contracts';
import { CommandReused, logFault, OlderLog, Refused, VersionConflict, sqlState } from '#event-sourcing';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';

/** A refusal on its way out: a code of the problem table and a sentence for a person. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** @param facts for the caller: never personal data, never a secret. `retryAfterSeconds` and `fields` are known to the gateway. */
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly facts: ProblemFacts = {},
  ) {
    super(`${code}: ${detail}`);
  }

  /** When to try again; always said where that is what helps. */
  get retryAfterSeconds(): number | undefined {
    return this.facts.retryAfterSeconds ?? ([429, 503].includes(problems[this.code].status) ? 5 : undefined);
  }
}

export interface ProblemFacts extends Readonly<Record<string, unknown>> {
  readonly retryAfterSeconds?: number;
  readonly fields?: readonly FieldProblem[];
}

const CODE = 'rollcall-problem';
const FACTS = 'rollcall-problem-facts-bin';

/** What a failure is to the caller, or undefined where it is our own fault. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof Refused && isProblemCode(error.code)) return new Problem(error.code, error.detail, error.facts);
  if (error instanceof CommandReused)
    return new Problem(
      'request/key-reused',
      'This Idempotency-Key was sent before with another body. Use a new one for a new request.',
    );
  if (error instanceof VersionConflict || sqlState(error) === '40001')
    return new Problem('service/busy', 'Others were changing the same thing. Try again.', { retryAfterSeconds: 1 });
  if (isNoText(error))
    return new Problem(
      'request/invalid',
      'Something in this request is no text: it holds the character NUL (U+0000), or half of a character (a lone surrogate). Leave it out.',
    );
  const unwhole = logFault(error);
  if (unwhole)
    return unwhole instanceof OlderLog
      ? new Problem('log/older', sentence(unwhole.message), { retryAfterSeconds: 60 })
      : new Problem('log/unproven', sentence(unwhole.message), { retryAfterSeconds: 2 });
  if (noneWasFree(error))
    return new Problem(
      'service/busy',
      'All connections to the database of this service were in use for too long. Try again shortly.',
      { retryAfterSeconds: 1 },
    );
  if (databaseIsAway(error))
    return new Problem(
      'service/unavailable',
      'The database of this service does not answer. Nothing was lost; try again in a moment.',
      { retryAfterSeconds: 2 },
    );
  return undefined;
}

/** Whether it is about text that JSON and strings can hold and PostgreSQL's text and jsonb cannot. */
const isNoText = (error: unknown): boolean =>
  ['22021', '22P05'].includes(sqlState(error) ?? '') ||
  (sqlState(error) === '22P02' && error instanceof Error && error.message.includes('type json'));

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const AWAY = /^(08|57P|53)|^(ECONN(REFUSED|RESET)|EPIPE|ETIMEDOUT)$/;

/** The pool's word for a connection that was not given back in time: nothing is wrong with the database. */
const noneWasFree = (error: unknown) =>
  error instanceof Error && error.message === 'timeout exceeded when trying to connect';

/** Whether a failure says that the database cannot be reached now. */
export function databaseIsAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    AWAY.test(sqlState(error) ?? '') ||
    /Connection terminated|Client has encountered a connection error/.test(error.message)
  );
}

/** A problem as a gRPC error: status, detail, and the code in a trailer. */
export function toGrpcError(problem: Problem): { code: number; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  metadata.set(CODE, problem.code);
  metadata.set(FACTS, Buffer.from(JSON.stringify(problem.facts)));
  return { code: grpcStatus(problem.code), details: problem.detail, metadata };
}

/** A gRPC error as the problem that the other side raised, or as a service that does not answer. */
export function fromGrpcError(error: ServiceError, peer: string): Error {
  const code = error.metadata.get(CODE)[0];
  if (typeof code === 'string' && isProblemCode(code)) {
    const facts = error.metadata.get(FACTS)[0];
    return new Problem(
      code,
      error.details,
      Buffer.isBuffer(facts) ? (JSON.parse(facts.toString()) as ProblemFacts) : {},
    );
  }
  if (error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED || error.code === status.CANCELLED) {
    return new Problem('service/unavailable', `The ${peer} service does not answer at the moment. Try again shortly.`, {
      retryAfterSeconds: 2,
    });
  }
  return new Error(
    `${peer} could not do this (gRPC status ${error.code}, ${status[error.code] ?? 'unknown'}): ${error.details || 'it did not say why; its log does.'}`,
  );
}

/** The answer where the fault is ours: it says where to look, and nothing of what happened. */
export const internalGrpcError = (correlationId?: string): { code: number; details: string } => ({
  code: GRPC_STATUS.internal,
  details: `Something went wrong on our side${correlationId === undefined ? '.' : `: the log has it under correlation ${correlationId}.`}`,
});
