import type { FastifyRequest } from 'fastify';

type Addressed = Pick<FastifyRequest, 'url' | 'routeOptions'>;

/**
 * The address that all rules go by: of the route that the router has met, however its characters were written (`/%761/keys`), as it is declared; where it
 * has met none, the path that was asked, read as the router reads it.
 */
export const addressOf = ({ url, routeOptions }: Addressed): string => routeOptions.url ?? pathOf(url);

/** The path of an address as the router reads it: what separates its parts stays escaped. */
export const pathOf = (url: string): string =>
  decoded(url.split('?', 1)[0] ?? '', /%(?!2[3-6BCF]|3[ABDF]|40)([\da-f]{2})/gi);

/** Whether clients of `/v0.4` ask, who read errors in a form of their own. */
export const isIonq = (request: Addressed): boolean => isIonqPath(addressOf(request));

/** Whether a path, as a route is declared, is of `/v0.4`. */
export const isIonqPath = (path: string): boolean => /^\/v0\.4(\/|$)/.test(path);

/** Whether identity providers ask by SCIM, who read errors in a form of their own. */
export const isScim = (request: Addressed): boolean => /^\/scim\/v2(\/|$)/.test(addressOf(request));

/** Malformed escapes stay as they are: this text is only matched, never used. */
export const decoded = (text: string, escaped = /%([\da-f]{2})/gi): string =>
  text.replaceAll(escaped, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
