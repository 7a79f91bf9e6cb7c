import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { chosenFor, type ConsoleFile } from './console-files.ts';
import { CONSOLE_PATHS } from './console-paths.ts';

/** Of the console's page: scripts and styles are files of ours alone, and text never becomes markup (Trusted Types). */
export const CONSOLE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const FOREVER = 'public, max-age=31536000, immutable';
/** It may be kept, but is asked for each time whether it still holds. */
const REVALIDATED = 'no-cache';

/** Serves the console: each of its files by its name, and its one page at each address that it has. */
export function serveConsole(server: FastifyInstance, files: ReadonlyMap<string, ConsoleFile>): void {
  for (const [address, file] of files)
    if (address !== '/index.html')
      server.get(address, (request, reply) => {
        send(request, reply, file, address.startsWith('/assets/') ? FOREVER : REVALIDATED);
      });
  const page = files.get('/index.html');
  if (!page) return;
  for (const path of CONSOLE_PATHS)
    server.get(path, (request, reply) => {
      sendConsole(request, reply, page);
    });
}

/** The console's page, which shows what the address says. */
export function sendConsole(request: FastifyRequest, reply: FastifyReply, page: ConsoleFile, status = 200): void {
  void reply.status(status).header('content-security-policy', CONSOLE_POLICY);
  send(request, reply, page, REVALIDATED);
}

function send(request: FastifyRequest, reply: FastifyReply, file: ConsoleFile, caching: string) {
  void reply.header('cache-control', caching).header('etag', file.etag).header('vary', 'accept-encoding');
  if (reply.statusCode === 200 && request.headers['if-none-match'] === file.etag) {
    void reply.status(304).send();
    return;
  }
  const { body, encoding } = chosenFor(file, String(request.headers['accept-encoding'] ?? ''));
  if (encoding !== undefined) void reply.header('content-encoding', encoding);
  void reply.header('content-type', file.type).send(body);
}
