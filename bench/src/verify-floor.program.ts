import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { exit, argv } from 'node:process';

/** The least that verifying over HTTP can be: hash, look-up, JSON, on bare node:http. Its keys are in the file it is given. */
const keys = JSON.parse(readFileSync(argv[2] ?? '', 'utf8')) as { keyId: string; secret: string; projectId: string }[];
const known = new Map(
  keys.map(({ keyId, secret, projectId }) => [
    hash('sha256', secret, 'hex'),
    { key_id: keyId, key_name: 'bench', project_id: projectId },
  ]),
);
const REFUSED = {
  statusCode: 401,
  error: 'The API key does not work',
  message: 'The API key is missing, unknown, expired or revoked.',
  code: 'key/refused',
};

const server = createServer((request, response) => {
  const holder = known.get(hash('sha256', request.headers.authorization?.slice('apiKey '.length) ?? '', 'hex'));
  const body = JSON.stringify(holder ?? REFUSED);
  response.writeHead(holder ? 200 : 401, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
});
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.on('disconnect', () => exit(0));
