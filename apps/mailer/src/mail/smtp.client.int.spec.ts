import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateFiles, keepCertificates } from '#local-servers';
import { makeLogger, readConfig } from '#platform';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { mailerConfig } from '../config.ts';
import { Smtp } from './smtp.client.ts';

describe('a mail server under TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-smtp-'));
  const [ours, theirs] = [join(folder, 'ours'), join(folder, 'theirs')];
  const ends: (() => unknown)[] = [];

  beforeAll(async () => {
    await keepCertificates(ours, { mail: ['localhost'], elsewhere: ['mail.example.com'] });
    await keepCertificates(theirs, { mail: ['localhost'] });
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** A server that takes everything, and the ways in which each mail came. */
  async function server(options: SMTPServerOptions, files?: { tlsCert: string; tlsKey: string }) {
    const came: boolean[] = [];
    const running = new SMTPServer({
      ...options,
      ...(files ? { cert: readFileSync(files.tlsCert), key: readFileSync(files.tlsKey) } : {}),
      authOptional: true,
      logger: false,
      onData: (stream, session, done) => {
        came.push(session.secure);
        stream.resume().on('end', done);
      },
    });
    running.on('error', () => undefined);
    await new Promise<void>((listening) => running.listen(0, '127.0.0.1', listening));
    ends.push(
      () =>
        new Promise<void>((closed) => {
          running.close(closed);
        }),
    );
    return { came, port: (running.server.address() as AddressInfo).port };
  }

  async function send(smtpUrl: string, tls: object = certificateFiles(ours, 'mail')) {
    const config = readConfig(
      mailerConfig.pick({ smtpUrl: true, tlsCa: true, tlsCert: true, tlsKey: true, mailFrom: true, origin: true }),
      { smtpUrl, origin: 'http://localhost:8080', ...tls },
    );
    const smtp = new Smtp(config as never, makeLogger('silent'));
    ends.unshift(() => {
      smtp.onApplicationShutdown();
    });
    return (await smtp.send('shared', '1', 'ada@example.com', { subject: 's', text: 't', html: 'h' })).outcome;
  }

  it('gets mail by smtps, and by STARTTLS, from whoever trusts its authority', async () => {
    const files = certificateFiles(ours, 'mail');
    const [whole, begun] = [await server({ secure: true }, files), await server({}, files)];
    expect(await send(`smtps://localhost:${whole.port}`)).toBe('accepted');
    expect(await send(`smtp://localhost:${begun.port}`)).toBe('accepted');
    expect([...whole.came, ...begun.came]).toEqual([true, true]);
  });

  it.each([
    ['another authority has signed it', () => certificateFiles(theirs, 'mail')],
    ['its certificate is for another name', () => certificateFiles(ours, 'elsewhere')],
  ])('gets none where %s', async (_why, files) => {
    const [whole, begun] = [await server({ secure: true }, files()), await server({}, files())];
    expect(await send(`smtps://localhost:${whole.port}`)).toBe('later');
    expect(await send(`smtp://localhost:${begun.port}`)).toBe('later');
    expect([...whole.came, ...begun.came]).toEqual([]);
  });

  it('gets nothing in clear where TLS is asked for, unless its address allows it', async () => {
    const { came, port } = await server({ disabledCommands: ['STARTTLS'] });
    expect(await send(`smtp://localhost:${port}`)).toBe('later');
    expect(await send(`smtp://localhost:${port}?starttls=required`, {})).toBe('later');
    expect(came).toEqual([]);
    expect(await send(`smtp://localhost:${port}?starttls=optional`)).toBe('accepted');
    expect(await send(`smtp://localhost:${port}`, {})).toBe('accepted');
  });
});
