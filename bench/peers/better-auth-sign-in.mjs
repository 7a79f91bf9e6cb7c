// better-auth's sign-in behind node:http. Arguments: a database, how many people, their password, a digest of argon2id to keep of it in place of its default.
import { createServer } from 'node:http';
import { verify } from 'argon2';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import pg from 'pg';

const [url, count, password, digest] = process.argv.slice(2);
const name = digest === undefined ? 'default' : 'argon2id';
const server = createServer();
server.keepAliveTimeout = 65_000;
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const { port } = server.address();
const options = {
  baseURL: `http://localhost:${port}`,
  secret: 'a secret for this measurement alone',
  database: new pg.Pool({ connectionString: url, max: 10 }),
  telemetry: { enabled: false },
  logger: { disabled: true },
  rateLimit: { enabled: false },
  emailAndPassword: {
    enabled: true,
    ...(digest === undefined
      ? {}
      : { password: { hash: async () => digest, verify: (asked) => verify(asked.hash, asked.password) } }),
  },
};
const auth = betterAuth(options);
await (await getMigrations(options)).runMigrations();
const emails = Array.from({ length: Number(count) }, (_, n) => `${name}-${n}@example.com`);
for (const email of emails) await auth.api.signUpEmail({ body: { email, name: 'Ada', password } });
server.on('request', toNodeHandler(auth));
process.send?.({ port, emails });
process.on('disconnect', () => process.exit(0));
