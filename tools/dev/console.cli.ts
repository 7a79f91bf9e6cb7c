import { spawn } from 'node:child_process';
import { createServer } from 'vite';

// A program: the console with hot reload, before the product as `npm run dev` runs it. The product answers as the address of the console, and
// the Host stays as the browser sent it, so that cookies, links in mails and passkeys hold.
const CONSOLE = 5173;
const PRODUCT = Number(process.env.PORT ?? '8080');
const server = await createServer({
  configFile: 'apps/console/vite.config.ts',
  server: {
    port: CONSOLE,
    strictPort: true,
    proxy: {
      '^/(v1|v0.4|dev|docs|problems|openapi.json|llms.txt|readyz|livez|scim|mark.svg|brand.css|sso/[^/]+/(acs|metadata|logout))':
        { target: `http://localhost:${PRODUCT}`, changeOrigin: false },
    },
  },
});
await server.listen();
const product = spawn(process.execPath, ['tools/dev/dev.cli.ts'], {
  stdio: 'inherit',
  env: { ...process.env, PORT: String(PRODUCT), ROLLCALL_ORIGIN: `http://localhost:${CONSOLE}` },
});
product.once('exit', (code) => {
  void server.close().then(() => process.exit(code ?? 0));
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => product.kill(signal));
server.printUrls();
