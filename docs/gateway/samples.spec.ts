import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const sample = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');
const FIVE = ['Rollcall-Account', 'Rollcall-Organization', 'Rollcall-Project', 'Rollcall-Key', 'Rollcall-Scopes'];

describe('samples for proxies', () => {
  it('nginx sets all five headers, so that none of its client is left', () => {
    for (const name of FIVE)
      expect(sample('nginx.conf')).toMatch(new RegExp(`^ +proxy_set_header ${name} \\$\\w+;$`, 'm'));
  });

  it('Caddy takes off what its client sent before it copies all five', () => {
    expect(sample('Caddyfile')).toMatch(
      new RegExp(`request_header -Rollcall-\\*[^]*forward_auth [^]*copy_headers ${FIVE.join(' ')}\\n[^]*reverse_proxy`),
    );
  });

  it('Traefik takes off and copies by one expression, which fits all five', () => {
    const {
      http: {
        middlewares: {
          rollcall: { forwardAuth },
        },
      },
    } = parse(sample('traefik.yml')) as {
      http: { middlewares: { rollcall: { forwardAuth: { authResponseHeadersRegex: string } } } };
    };
    for (const name of FIVE) expect(name).toMatch(new RegExp(forwardAuth.authResponseHeadersRegex));
  });

  it('Envoy lets nothing pass while Rollcall is away', () => {
    expect(() => {
      parse(sample('envoy.yaml'));
    }).not.toThrow();
    expect(sample('envoy.yaml')).toMatch(/failure_mode_allow: false/);
  });
});
