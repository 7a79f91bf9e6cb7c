import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { freePort } from './free-port.ts';

describe('a free port', () => {
  it('is given to one process alone until its server listens, and lies below those of outgoing connections', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, freePort));
    expect(new Set(ports).size).toBe(50);
    for (const port of ports) {
      expect(port).toBeLessThan(32_768);
      // How another process finds out that it is taken.
      const other = createSocket('udp4');
      const taken = new Promise((done) =>
        other.once('error', (error: NodeJS.ErrnoException) => {
          done(error.code);
        }),
      );
      other.bind({ port, address: '127.0.0.1', exclusive: true });
      expect(await taken).toBe('EADDRINUSE');
      other.close();
    }
  });

  it('can be listened on', async () => {
    const server = createServer();
    const port = await freePort();
    await new Promise<void>((listening, failed) => server.once('error', failed).listen(port, '127.0.0.1', listening));
    await new Promise((closed) => server.close(closed));
  });
});
