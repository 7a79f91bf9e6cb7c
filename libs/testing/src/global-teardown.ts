import { rmSync } from 'node:fs';

export default async function teardown() {
  const running = globalThis.rollcallTestServer;
  if (!running) return;
  await Promise.all([running.server.stop(), running.kafka.stop()]);
  rmSync(running.folder, { recursive: true, force: true });
}
