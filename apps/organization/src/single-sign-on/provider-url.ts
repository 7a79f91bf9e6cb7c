import { Problem } from '#platform';

/** An address of a provider is asked by TLS, or it is one of the operator's own network. @param privateHosts `host:port`, with commas between @throws Problem */
export function requireTls(text: string, pointer: string, privateHosts = ''): void {
  const { protocol, host, hostname, port } = new URL(text);
  if (protocol === 'https:') return;
  if (privateHosts.split(',').includes(port === '' ? `${hostname}:80` : host)) return;
  const detail = 'must begin with https:// (plain http is for hosts that SSO_PRIVATE_HOSTS names)';
  throw new Problem('request/invalid', `The address of the provider ${detail}.`, { fields: [{ pointer, detail }] });
}
