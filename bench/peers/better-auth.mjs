// better-auth's verifyApiKey behind a bare node:http server. Arguments: "postgres" or "memory", a database, how many keys.
import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { apiKey } from '@better-auth/api-key';
import pg from 'pg';

const [storage, url, count] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 10 });
const memory = new Map();
const options = {
  baseURL: 'http://localhost',
  secret: 'a secret for this measurement alone',
  database: pool,
  telemetry: { enabled: false },
  logger: { disabled: true },
  emailAndPassword: { enabled: true },
  ...(storage === 'memory'
    ? {
        secondaryStorage: {
          get: async (key) => memory.get(key) ?? null,
          set: async (key, value) => {
            memory.set(key, value);
          },
          delete: async (key) => {
            memory.delete(key);
          },
        },
      }
    : {}),
  // Deferred updates and no limits: the fastest that its documentation offers.
  advanced: {
    backgroundTasks: {
      handler: (task) => {
        void task;
      },
    },
  },
  plugins: [
    apiKey({
      rateLimit: { enabled: false },
      deferUpdates: true,
      ...(storage === 'memory' ? { storage: 'secondary-storage' } : {}),
    }),
  ],
};
const auth = betterAuth(options);
await (await getMigrations(options)).runMigrations();

const { user } = await auth.api.signUpEmail({
  body: { email: `${storage}@example.com`, name: 'Ada', password: 'a long walk in the rain' },
});
const make = async (more = {}) => {
  const { id, key } = await auth.api.createApiKey({ body: { userId: user.id, name: 'bench', ...more } });
  return { id, key };
};
const good = [];
while (good.length < Number(count)) good.push(...(await Promise.all(Array.from({ length: 10 }, () => make()))));
const disabled = await Promise.all(Array.from({ length: Math.ceil(Number(count) / 89) }, () => make()));
for (const { id } of disabled) await auth.api.updateApiKey({ body: { keyId: id, userId: user.id, enabled: false } });

const server = createServer((request, response) => {
  const key = request.headers.authorization?.slice('apiKey '.length) ?? '';
  auth.api.verifyApiKey({ body: { key } }).then(
    ({ valid, key: found }) => {
      const body = JSON.stringify(valid ? { key_id: found.id, key_name: found.name } : { code: 'refused' });
      response.writeHead(valid ? 200 : 401, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    },
    () => {
      response.writeHead(500, { 'content-length': 0 }).end();
    },
  );
});
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: server.address().port, good, bad: disabled.map(({ key }) => key) });
});
process.on('disconnect', () => process.exit(0));
