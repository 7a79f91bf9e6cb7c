import type { AnswerOf, QueryOf, Route, routes, shapes } from '@rollcall/contracts/rest';
import type { z } from 'zod';
import { setClock } from './clock.ts';
import { reached } from './reachable.ts';
import { met } from './signals.ts';

type Table = (typeof routes)[keyof typeof routes];
type Method = Table['method'];
type At<M, P> = Extract<Table, { method: M; path: P }>;
type PathOf<M> = Extract<Table, { method: M }>['path'];
type Names<P> = P extends `${string}:${infer N}/${infer Rest}`
  ? N | Names<`/${Rest}`>
  : P extends `${string}:${infer N}`
    ? N
    : never;
type BodyIn<R> = R extends { body: infer B extends z.ZodType } ? z.input<B> : undefined;
type QueryIn<R extends Route> = Partial<Record<keyof QueryOf<R>, string | number | undefined>>;
type Parts<P extends string> = [Names<P>] extends [never] ? { params?: never } : { params: Record<Names<P>, string> };
type Read<P extends PathOf<'GET'>> = Parts<P> & {
  query?: QueryIn<At<'GET', P>>;
  signal?: AbortSignal;
  /** No person waits for it: it never counts as activity. */
  background?: true;
};
type Write<M extends Method, P extends PathOf<M>> = Parts<P> & {
  body: BodyIn<At<M, P>>;
  /** The same for a request that is repeated: it is carried out once. */
  once?: string;
  background?: true;
};

/** What a route answers. */
export type Answer<M extends Method, P extends PathOf<M>> =
  At<M, P> extends infer R extends Route ? AnswerOf<R> : never;
/** An item of a list that a route answers. */
export type Item<P extends PathOf<'GET'>> = Answer<'GET', P> extends { items: (infer I)[] } ? I : never;
export type Problem = z.output<typeof shapes.problem>;

/** The server has answered, and refused (RFC 9457). */
export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}
/** Nothing has answered: whether a write was carried out is not known. */
export class Unreachable extends Error {}

interface Asked {
  params?: Record<string, string>;
  query?: object;
  body?: unknown;
  once?: string;
  signal?: AbortSignal;
  background?: true;
}

const address = (path: string, { params = {}, query = {} }: Asked) => {
  const asked = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
  return (
    path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? '')) +
    (asked.size > 0 ? `?${asked.toString()}` : '')
  );
};

/** What no person has caused says so: it is no activity. A click or a key press of the last seconds is a person. */
const headers = (method: Method, { once, background }: Asked): Record<string, string> => ({
  accept: 'application/json',
  ...(navigator.userActivation.isActive && !background ? {} : { 'rollcall-background': '1' }),
  ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
  ...(once === undefined ? {} : { 'idempotency-key': once }),
});

async function ask(method: Method, path: string, asked: Asked): Promise<{ answer: Response; told: unknown }> {
  const begunAt = Date.now();
  try {
    const answer = await fetch(address(path, asked), {
      method,
      headers: headers(method, asked),
      ...(asked.signal ? { signal: asked.signal } : {}),
      ...(method === 'GET' ? {} : { body: JSON.stringify(asked.body ?? {}) }),
    });
    setClock(answer.headers.get('date'));
    const told: unknown = await answer.json();
    reached(true, begunAt);
    return { answer, told };
  } catch (error) {
    if (asked.signal?.aborted) throw error;
    reached(false);
    throw new Unreachable();
  }
}

async function send(method: Method, path: string, asked: Asked, again = true): Promise<unknown> {
  const { answer, told } = await ask(method, path, asked);
  if (answer.ok) return told;
  const { problem } = new Refusal(told as Problem);
  // Another tab may have got a new cookie meanwhile: only what is refused with that one, too, is at an end.
  if (problem.code === 'session/required' && again) return send(method, path, asked, false);
  met(problem.code);
  throw new Refusal(problem);
}

/** Rollcall's API as the table of its routes says: a wrong path, parameter, query or body does not compile. @throws Refusal, Unreachable */
export const api = {
  get: <P extends PathOf<'GET'>>(path: P, asked: Read<P>) => send('GET', path, asked) as Promise<Answer<'GET', P>>,
  post: <P extends PathOf<'POST'>>(path: P, asked: Write<'POST', P>) =>
    send('POST', path, asked) as Promise<Answer<'POST', P>>,
  put: <P extends PathOf<'PUT'>>(path: P, asked: Write<'PUT', P>) =>
    send('PUT', path, asked) as Promise<Answer<'PUT', P>>,
};
