import { Agent, createServer, get, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { closeAnswered } from './close.ts';

it('answers what it was asked, and does not wait for a client that keeps its connection', async () => {
  const asked = Promise.withResolvers<ServerResponse>();
  const server = createServer({ keepAliveTimeout: 60_000 }, (_request, reply) => {
    asked.resolve(reply);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const agent = new Agent({ keepAlive: true });
  const answer = new Promise<string>((heard) =>
    get({ agent, port: (server.address() as AddressInfo).port, host: '127.0.0.1' }, (response) => {
      response.setEncoding('utf8').once('data', heard);
    }),
  );
  const reply = await asked.promise;
  const closed = closeAnswered(server, promisify(server.close.bind(server)));
  reply.end('answered');
  expect(await answer).toBe('answered');
  await closed;
  agent.destroy();
});
