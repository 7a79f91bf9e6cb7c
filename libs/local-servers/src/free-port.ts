import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * Ports below those from which a system takes the local end of outgoing connections (Linux: from 32768, IANA: from 49152).
 * A port the system itself hands out by `listen(0)` may be the local end of another connection before the server that is meant to have it listens.
 */
const FIRST = 15_000;
const COUNT = 15_000;
const TRIES = 100;
/** Longer than a server takes from its port to its listening. */
const CLAIM_MS = 60_000;

const given = new Set<number>();

/**
 * A free port of 127.0.0.1, which no process that asks here has been given within a minute: two that start at the same
 * moment, each with twenty ports that it will listen on in seconds, would meet at one of them once in forty times: `preferred` where it is free.
 * @throws when a hundred tries found none.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && !given.has(preferred) && (await isFree(preferred))) {
    given.add(preferred);
    return preferred;
  }
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = FIRST + randomInt(COUNT);
    if (given.has(port) || !(await claim(port)) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port was found on 127.0.0.1 between ${FIRST} and ${FIRST + COUNT - 1}`);
}

/** The UDP port of the same number says so to other processes, and is free again when this one has ended, however it ends. */
const claim = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = createSocket('udp4').once('error', () => {
      socket.close();
      done(false);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      socket.unref();
      setTimeout(() => socket.close(), CLAIM_MS).unref();
      done(true);
    });
  });

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const server = createServer()
      .once('error', () => {
        done(false);
      })
      .listen(port, '127.0.0.1', () => {
        server.close(() => {
          done(true);
        });
      });
  });
