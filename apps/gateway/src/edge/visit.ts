import { isIPv4 } from 'node:net';
import type { identity } from '#contracts';
import type { FastifyRequest } from 'fastify';
import type { Cookies } from './cookies.ts';
import { networkOf } from './network.ts';

/** Where somebody is who signs in: for limits, and for their own list of sessions. */
export function visitOf(request: FastifyRequest, cookies: Cookies): identity.Visit {
  const network = networkOf(request.ip);
  const deviceToken = cookies.deviceToken(request);
  return {
    network,
    ...(deviceToken === undefined ? {} : { deviceToken }),
    device: deviceOf(request.headers['user-agent'] ?? ''),
    shownNetwork: shownNetwork(network),
  };
}

const BROWSERS = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bCriOS\/|\bChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
] as const;
const SYSTEMS = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b|\biPad\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
] as const;

/** "Firefox on Linux": of what a browser says of itself only what we know, so that nobody's text stands in the list. */
export function deviceOf(userAgent: string): string {
  const known = (list: readonly (readonly [RegExp, string])[]) => list.find(([sign]) => sign.test(userAgent))?.[1];
  const [browser, system] = [known(BROWSERS), known(SYSTEMS)];
  if (browser !== undefined && system !== undefined) return `${browser} on ${system}`;
  return browser ?? system ?? 'Unknown device';
}

/** The beginning of a network: enough for its holder to know it again. */
export function shownNetwork(network: string): string {
  if (isIPv4(network)) return `${network.split('.').slice(0, 3).join('.')}.0/24`;
  const [a, b, c] = network.split(':');
  return network.endsWith('::/64') ? `${a ?? ''}:${b ?? ''}:${c ?? ''}::/48` : '';
}
