import { Problem } from '#platform';
import { createRequire } from 'node:module';
import { domainToASCII } from 'node:url';
import { parse } from 'tldts';

const ofEverybody: ReadonlySet<string> = new Set(
  createRequire(import.meta.url)('email-providers/all.json') as readonly string[],
);

/** A domain that an organization can have, as DNS writes it: an A-label, lower case. @throws Problem that says why there can be none */
export function claimable(text: string): string {
  const domain = domainToASCII(text.trim().replace(/\.$/, ''));
  const { isIp, publicSuffix, hostname } = parse(domain, { allowPrivateDomains: true });
  if (domain === '' || domain.length > 253 || isIp === true || hostname !== domain)
    throw refused('must be a domain such as acme.example');
  if (publicSuffix === domain) throw refused('is a suffix under which anybody can have a domain');
  if (ofEverybody.has(domain)) throw refused('is where anybody can have an address: a domain must be your own');
  return domain;
}

const refused = (detail: string) =>
  new Problem('request/invalid', `The domain ${detail}.`, { fields: [{ pointer: '/domain', detail }] });
