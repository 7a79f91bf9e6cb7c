import { Problem } from '#platform';
import { ProviderRefused, ProviderUnavailable } from './protocol.ts';

/** The check that owners are shown; of our own refusals their code. */
export const checkOf = (error: unknown): string =>
  error instanceof ProviderRefused
    ? error.check
    : error instanceof ProviderUnavailable
      ? 'provider-unavailable'
      : error instanceof Problem
        ? error.code
        : 'internal';

/** As `problemFor`, around work. */
export async function heard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw problemFor(error);
  }
}

/** What strangers hear of it. */
export function problemFor(error: unknown): unknown {
  if (error instanceof ProviderRefused)
    return error.check === 'not-fresh'
      ? new Problem(
          'sign-in/not-fresh',
          'Your provider has not proved that you signed in just now. Sign out there and try again.',
        )
      : new Problem(
          'sign-in/provider-refused',
          "The answer of your identity provider was not accepted. Try again; owners find why in the connection's list of attempts.",
        );
  if (error instanceof ProviderUnavailable)
    return new Problem(
      'sign-in/provider-unavailable',
      'Your identity provider does not answer. Keys and open sessions go on working; try again in a minute.',
    );
  return error;
}
