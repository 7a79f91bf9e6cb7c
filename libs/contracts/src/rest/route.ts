import type { z } from 'zod';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * Who may ask. `public`: anybody. `session`: a browser session in a cookie. `half`: a sign-in that waits for another proof, in a cookie of its own.
 * `key`: an API key in `Authorization`. `session-or-key`: either. `development`: anybody, and only where development aids are on.
 */
export type Access = 'public' | 'session' | 'half' | 'key' | 'session-or-key' | 'development';

/** One route of the public face. Requests are checked by its schemas, OpenAPI is generated from them, and tests find their cases here. */
export interface Route<
  B extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  P extends z.ZodType = z.ZodType,
  A extends z.ZodType = z.ZodType,
> {
  readonly method: Method;
  /** With `:name` for each parameter. */
  readonly path: string;
  readonly access: Access;
  /** What a key must be allowed to. */
  readonly scope?: string;
  /** Its person must have proved it within the last 15 minutes: always, or where the body says something that wants it. */
  readonly proof?: true | ((body: z.output<B>) => boolean);
  /** Open to sessions whose organization asks for a second factor that they lack. */
  readonly confined?: true;
  /** What it does, in one sentence for the documentation. */
  readonly does: string;
  readonly body?: B;
  /** Bytes that its body may have; 16 KB where anybody may ask, 1 MB elsewhere unless said otherwise. */
  readonly bodyMax?: number;
  /** The body goes on as it came: the service behind reads it. */
  readonly isPassedOn?: true;
  readonly query?: Q;
  readonly params?: P;
  /** Status of the usual answer; 200 unless said otherwise. */
  readonly status?: number;
  /** Another that it may have, with the same shape. */
  readonly otherStatus?: number;
  /** What its usual answer says in headers of its own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `z.void()`: it has no body. */
  readonly answer: A;
}

/** Bytes that a body may have. More would be work for a caller who is not known yet. */
export const bodyMaxOf = ({ access, bodyMax }: Pick<Route, 'access' | 'bodyMax'>): number =>
  bodyMax ?? (access === 'public' || access === 'half' ? 16_384 : 1_000_000);

/** Declares a route. */
export const route = <const R extends Route>(definition: R): R => definition;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
export type BodyOf<R extends Route> = Parsed<R['body']>;
export type QueryOf<R extends Route> = Parsed<R['query']>;
export type ParamsOf<R extends Route> = Parsed<R['params']>;
export type AnswerOf<R extends Route> = z.input<R['answer']>;
