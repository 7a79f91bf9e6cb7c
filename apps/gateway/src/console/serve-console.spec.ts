import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { readBrand } from '#platform';
import { fastify } from 'fastify';
import { consoleFiles } from './console-files.ts';
import { serveBrand } from './serve-brand.ts';
import { CONSOLE_POLICY, serveConsole } from './serve-console.ts';

const PAGE = '<!doctype html><title>Rollcall</title>';
const SCRIPT = 'console.log(1)';

describe('the console, as the gateway serves it', () => {
  const server = fastify();
  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-console-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), PAGE);
    writeFileSync(join(folder, 'assets', 'index-1.js'), SCRIPT);
    writeFileSync(join(folder, 'assets', 'index-1.js.br'), brotliCompressSync(SCRIPT));
    writeFileSync(join(folder, 'assets', 'index-1.js.gz'), gzipSync(SCRIPT));
    writeFileSync(join(folder, 'secrets.env'), 'none of a browser’s business');
    serveConsole(server, consoleFiles(folder));
    serveBrand(server, readBrand());
  });
  afterAll(() => server.close());
  const get = (url: string, headers: Record<string, string> = {}) => server.inject({ method: 'GET', url, headers });

  it('is one page at each of its addresses, asked for anew each time, under a policy that lets in files of ours alone', async () => {
    for (const url of ['/keys', '/keys/7', '/keys?find=a']) {
      const answer = await get(url);
      expect([answer.statusCode, answer.body]).toEqual([200, PAGE]);
      expect(answer.headers).toMatchObject({
        'cache-control': 'no-cache',
        'content-security-policy': CONSOLE_POLICY,
        'content-type': 'text/html; charset=utf-8',
      });
    }
    expect(CONSOLE_POLICY).toContain("require-trusted-types-for 'script'");
    expect(CONSOLE_POLICY).not.toContain('unsafe');
  });

  it('costs nothing where it has not changed', async () => {
    const { etag = '' } = (await get('/keys')).headers;
    const again = await get('/keys', { 'if-none-match': String(etag) });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  it('has files that are kept for ever, in the smallest form that the browser takes', async () => {
    const plain = await get('/assets/index-1.js');
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect([plain.body, plain.headers['content-encoding']]).toEqual([SCRIPT, undefined]);
    const as = async (accepted: string) =>
      (await get('/assets/index-1.js', { 'accept-encoding': accepted })).headers['content-encoding'];
    expect(await Promise.all(['gzip, br', 'gzip', 'br;q=0, gzip', 'GZIP;q=0.5', 'identity'].map(as))).toEqual([
      'br',
      'gzip',
      'gzip',
      'gzip',
      undefined,
    ]);
  });

  it('answers HEAD as GET, without the body', async () => {
    const { statusCode, body, headers } = await server.inject({ method: 'HEAD', url: '/keys' });
    expect([statusCode, body, headers['content-length']]).toEqual([200, '', String(PAGE.length)]);
  });

  it.each([
    '/secrets.env',
    '/assets/../secrets.env',
    '/assets/%2e%2e/secrets.env',
    '/assets/index-1.js.br',
    '/index.html',
    '/assets/',
    '/nowhere',
  ])('has no file at %s', async (url) => {
    expect((await get(url)).statusCode).toBe(404);
  });

  it('wears the brand: its picture, and its colour in place of ours', async () => {
    expect((await get('/mark.svg')).headers['content-type']).toBe('image/svg+xml');
    expect((await get('/brand.css')).body).toContain('--accent:light-dark(#3a51cf,#94a6ff)');
  });
});
