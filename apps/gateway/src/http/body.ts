import { type JsonLimits, parseBody, Problem } from '#platform';
import type { FastifyRequest } from 'fastify';

/** No request of ours has a tenth of it. A megabyte within these limits is read in less than 10 ms. */
export const LIMITS: JsonLimits = { depthMax: 64, valuesMax: 10_000 };

/** The bytes of a body, once it has been read; none without one. */
export const bytesOf = ({ body }: FastifyRequest): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));

/** Reads the JSON of a request; no body at all counts as `{}`. @throws Problem: 400, or 415 where it must say that it is JSON */
export function readBody(request: FastifyRequest, options: { anyType: boolean }): unknown {
  const bytes = bytesOf(request);
  if (bytes.length === 0) return {};
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (!options.anyType && type !== 'application/json')
    throw new Problem('request/unsupported-media-type', 'Send the body as application/json.');
  return parseBody(bytes, LIMITS);
}

/** Bodies stay bytes until the caller is known and a handler reads them. */
export const keepBytes = (server: {
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    type: string,
    options: { parseAs: 'buffer' },
    parser: (request: FastifyRequest, body: Buffer, done: (error: null, body: Buffer) => void) => void,
  ): unknown;
}): void => {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
};
