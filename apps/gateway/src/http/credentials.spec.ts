import { newApiKey } from '#platform';
import type { FastifyRequest } from 'fastify';
import {
  credentialsSent,
  keyInAddress,
  presentedKey,
  refuseKeyInAddress,
  refuseTwo,
  timesSent,
} from './credentials.ts';

const { secret } = newApiKey(Buffer.alloc(32).toString('base64url'), 'rck', '01890a5d-ac96-774b-bcce-b302099a8057');
const key = keyInAddress('rck');
const code = (url: string) => refuseKeyInAddress({ url }, key)?.code;
const hex = (text: string) => [...text].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');

describe('a key in an address', () => {
  it.each([
    `/v1/keys?key=${secret}`,
    `/${secret}`,
    `/v1/keys?key=${hex(secret)}`,
    `/?k=${secret.replace('_', '%5F')}`,
    `/?k=${hex(secret).toUpperCase().replaceAll('%', '%')}`,
    `/?broken=%E0%A4%A&k=${hex('r')}${secret.slice(1)}`,
  ])('is seen, however it is written: %s', (url) => {
    expect(code(url)).toBe('request/key-in-url');
  });

  it.each([
    '/',
    '/v1/keys/01890a5d-ac96-774b-bcce-b302099a8057',
    '/?a=%',
    `/?k=abc${secret.slice(3)}`,
    '/?k=rck_short_',
  ])('is none where there is none: %s', (url) => {
    expect(code(url)).toBeUndefined();
  });
});

describe('how often a header came', () => {
  const sent = (...rawHeaders: string[]) => ({ raw: { rawHeaders } }) as unknown as FastifyRequest;
  it('is counted by its name, in whatever letters, and not by values', () => {
    const request = sent(
      'Host',
      'a',
      'AUTHORIZATION',
      'host',
      'authorization',
      'b',
      'Authorization-X',
      'c',
      'Date',
      'd',
    );
    expect([timesSent(request, 'authorization'), timesSent(request, 'host'), timesSent(sent(), 'host')]).toEqual([
      2, 1, 0,
    ]);
  });

  it('must be once for credentials', () => {
    expect([0, 1, 2, 3].map((count) => refuseTwo(count)?.code)).toEqual([
      undefined,
      undefined,
      'authorization/not-accepted',
      'authorization/not-accepted',
    ]);
  });
});

describe('the key that a request presents', () => {
  it.each([
    ['apiKey rck_1', 'rck_1'],
    ['APIKEY rck_1', 'rck_1'],
    ['bearer rck_1', 'rck_1'],
    ['Bearer   rck_1', 'rck_1'],
    ['Bearer two words', 'two words'],
  ])('stands behind a scheme, however it is written: %s', (authorization, key) => {
    expect(presentedKey({ authorization })).toBe(key);
  });

  it('may stand alone in a header of its own', () => {
    expect(presentedKey({ 'x-api-key': 'rck_1' })).toBe('rck_1');
    expect(presentedKey({ 'authorization': 'Bearer rck_1', 'x-api-key': '' })).toBe('rck_1');
  });

  it.each([undefined, '', 'Bearer', 'rck_1', 'Basic rck_1', 'x Bearer rck_1', 'Bearerrck_1', 'Bearer\trck_1'])(
    'is missing in %j',
    (authorization) => {
      expect(() => presentedKey({ authorization })).toThrow(expect.objectContaining({ code: 'key/missing' }) as Error);
    },
  );

  it('is counted in both headers', () => {
    const request = { raw: { rawHeaders: ['X-Api-Key', 'a', 'AUTHORIZATION', 'b', 'Host', 'c'] } };
    expect(credentialsSent(request as unknown as FastifyRequest)).toBe(2);
  });
});
