import { DOCUMENTATION, helmetOptions } from './security-policy.ts';

const policy = (origin = 'https://id.example.com') => {
  const { contentSecurityPolicy } = helmetOptions({ origin });
  return (contentSecurityPolicy as { directives: Record<string, readonly string[]> }).directives;
};

describe('what a browser may do with our pages', () => {
  it('is to run and style by files of ours, and by nothing that stands in a page', () => {
    expect([policy().scriptSrc, policy().styleSrc]).toEqual([["'self'"], ["'self'"]]);
    expect(JSON.stringify(policy())).not.toContain('unsafe');
  });

  it('is to ask nobody else, and not to be framed or based elsewhere', () => {
    const own = ["'self'", "'none'", 'data:'];
    for (const [directive, sources] of Object.entries(policy()))
      expect([directive, sources.filter((source) => !own.includes(source))]).toEqual([directive, []]);
    expect(policy()).toMatchObject({ defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"] });
    expect(helmetOptions({ origin: 'https://id.example.com' })).toMatchObject({
      xFrameOptions: { action: 'deny' },
      contentSecurityPolicy: { useDefaults: false },
    });
  });

  it('is held to https where that is how it is asked, and only there', () => {
    expect(helmetOptions({ origin: 'https://id.example.com' }).strictTransportSecurity).toEqual({ maxAge: 31_536_000 });
    expect(helmetOptions({ origin: 'http://localhost:8080' }).strictTransportSecurity).toBe(false);
  });

  it('is wider in the documentation, which still asks nobody else and is not framed', () => {
    const sources = DOCUMENTATION.split('; ').flatMap((directive) => directive.split(' ').slice(1));
    expect(sources.filter((source) => !["'self'", "'none'", "'unsafe-inline'", 'data:'].includes(source))).toEqual([]);
    for (const closed of ['default-src', 'form-action', 'frame-ancestors', 'base-uri'])
      expect(DOCUMENTATION).toContain(`${closed} 'none'`);
  });
});
