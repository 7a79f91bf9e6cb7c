import { seeded } from './faults/random.ts';
import { MIX } from './prepared-gate.ts';
import type { Question } from './wrk.ts';

/** Those who ask: keys that work with what their answer names, and keys that do not. */
export interface Askers {
  readonly good: readonly { readonly secret: string; readonly holds: string }[];
  readonly bad: readonly string[];
  readonly invented: readonly string[];
}

/** Two hundred times the mix, in an order that is the same each time. */
export function mixed(
  askers: Askers,
  write: (secret: string) => string,
  refused: Pick<Question, 'status' | 'holds'> = { status: 401, holds: '' },
  accepted = 200,
): Question[] {
  const random = seeded(1);
  const count = askers.good.length / MIX.good;
  const take = <T>(from: readonly T[], share: number) =>
    Array.from({ length: Math.floor(count * share) }, (_, n) => from[n % from.length]).flatMap((one) =>
      one === undefined ? [] : [one],
    );
  const questions = [
    ...askers.good.map(({ secret, holds }) => ({ request: write(secret), status: accepted, holds })),
    ...[...take(askers.invented, MIX.invented), ...take(askers.bad, MIX.bad)].map((secret) => ({
      request: write(secret),
      ...refused,
    })),
  ];
  return questions
    .map((question) => ({ question, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ question }) => question);
}

/** The request of a client with an API key. */
export const asks =
  (port: number, path: string) =>
  (secret: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: apiKey ${secret}\r\n\r\n`;

/** The request of a resource server that asks about a token. */
export const introspects =
  (port: number, authorization: string) =>
  (token: string): string => {
    const body = `token=${encodeURIComponent(token)}`;
    return `POST /token/introspection HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: ${authorization}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };
