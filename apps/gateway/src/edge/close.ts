import type { Server } from 'node:http';

const LOOK_EVERY_MS = 50;

/**
 * Ends a server once it has answered what it is asked. Node itself closes only connections that idle at this moment: who is
 * answered after it keeps theirs, and with it the server, for as long as either would have kept it idle, a minute.
 */
export async function closeAnswered(server: Server, close: () => Promise<unknown>): Promise<void> {
  const looking = setInterval(() => {
    server.closeIdleConnections();
  }, LOOK_EVERY_MS);
  await close().finally(() => {
    clearInterval(looking);
  });
}
