import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { registry } from './metrics.ts';
import { judgeAll, scrape } from './observed.ts';

/** Answers `/metrics`, `/livez` and `/readyz` for all services of this process: for the machines that watch it, not for the world. @throws when the port cannot be had. */
export async function startObservingServer(port: number, host = '127.0.0.1'): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((listening, failed) => {
    server
      .once('error', (error: NodeJS.ErrnoException) => {
        failed(
          error.code === 'EADDRINUSE'
            ? new Error(`port ${port} is in use. Set METRICS_PORT to another one, or unset it`)
            : error,
        );
      })
      .listen(port, host, listening);
  });
  return () =>
    new Promise((closed) => {
      server.close(() => {
        closed();
      });
      server.closeAllConnections();
    });
}

const zipped = promisify(gzip);

async function answer({ url = '', headers }: IncomingMessage, response: ServerResponse) {
  switch (url.split('?', 1)[0]) {
    case '/metrics': {
      const text = await scrape();
      // Names and labels repeat: a tenth of it travels. Prometheus asks for it so.
      const small = /\bgzip\b/.test(headers['accept-encoding']?.toString() ?? '');
      response
        .writeHead(200, { 'content-type': registry.contentType, ...(small ? { 'content-encoding': 'gzip' } : {}) })
        .end(small ? await zipped(text) : text);
      return;
    }
    case '/livez':
      json(response, 200, { status: 'ok' });
      return;
    case '/readyz': {
      const judged = Object.entries(await judgeAll());
      // A process that has not started any service yet is not ready either.
      const ready = judged.length > 0 && judged.every(([, { ready: one }]) => one);
      json(response, ready ? 200 : 503, {
        status: ready ? 'ready' : 'not ready',
        services: Object.fromEntries(
          judged.map(([service, { ready: one, ...why }]) => [service, { status: one ? 'ready' : 'not ready', ...why }]),
        ),
      });
      return;
    }
    default:
      json(response, 404, { status: 'there are /metrics, /livez and /readyz' });
  }
}

const json = (response: ServerResponse, status: number, body: object) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
