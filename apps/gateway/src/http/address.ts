import type { FastifyRequest } from 'fastify';

type Addressed = Pick<FastifyRequest, 'url' | 'routeOptions'>;

/**
 * The address that all rules go by: of the route that the router has met, however its characters were written (`/%761/keys`), as it is declared; where it
 * has met none, the path that was asked, read as the router reads it.
 */
export const addressOf = ({ url, routeOptions }: Addressed): string =>
  routeOptions.url ?? decoded(url.split('?', 1)[0] ?? '');

/** Whether clients of `/v0.4` ask, who read errors in a form of their own. */
export const isIonq = (request: Addressed): boolean => /^\/v0\.4(\/|$)/.test(addressOf(request));

/** What is malformed stays as it is: here it is only looked at. */
export const decoded = (text: string): string =>
  text.replaceAll(/%([\da-f]{2})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
