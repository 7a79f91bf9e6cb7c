import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApi, problems } from '#contracts';
import { SERVICE_CONFIG } from '#platform';
import { Controller, Get, Header, Inject, Param, Redirect, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { marked } from 'marked';
import type { GatewayConfig } from '../config.ts';
import { sendProblem, toProblem } from '../http/problem-reply.ts';
import { Readiness } from './readiness.ts';
import { firstSession } from './first-session.ts';
import { escaped, page } from '../http/page.ts';
import { forMachines } from './for-machines.ts';

const HTML = ['content-type', 'text/html; charset=utf-8'] as const;
const PROBLEM_PAGES = ((at) => {
  while (!existsSync(join(at, 'package.json'))) at = dirname(at);
  return join(at, 'docs', 'problems');
})(dirname(fileURLToPath(import.meta.url)));

/** What is read beside the console: a first session, what problems mean, the API's document, and whether all is well. */
@Controller()
export class PagesController {
  constructor(
    private readonly readiness: Readiness,
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** Where the page stood that is a part of the console's settings now. */
  @Get('/security')
  @Redirect('/settings#sign-in')
  security() {}

  @Get('/first-session.txt')
  @Header('content-type', 'text/plain; charset=utf-8')
  firstSession() {
    return firstSession(this.config);
  }

  @Get('/openapi.json')
  document() {
    return openApi(this.config);
  }

  @Get('/problems')
  @Header(...HTML)
  problems() {
    const rows = Object.entries(problems).map(
      ([code, { title, status }]) =>
        `<tr><td><a href="/problems/${code}">${code}</a></td><td>${status}</td><td>${escaped(title)}</td></tr>`,
    );
    return page(
      'Problems',
      `<p>What an answer that refuses something may say as its <code>code</code>.</p><table><tr><th>code</th><th>status</th><th>means</th></tr>${rows.join('')}</table>`,
    );
  }

  @Get('/llms.txt')
  @Header('content-type', 'text/markdown; charset=utf-8')
  forMachines() {
    return forMachines(this.config);
  }

  @Get('/problems/*')
  problem(@Param('*') path: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    // The same page as its authors wrote it, for programs that read: `/problems/key/refused.md`.
    const code = path.replace(/\.md$/, '');
    if (!Object.hasOwn(problems, code)) {
      sendProblem(request, reply, toProblem({ statusCode: 404 }));
      return;
    }
    const file = join(PROBLEM_PAGES, `${code}.md`);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : `# ${code}\n`;
    if (code !== path) void reply.header('content-type', 'text/markdown; charset=utf-8').send(text);
    else void reply.header(...HTML).send(page(code, marked.parse(text.replace(/^# .*\n/, ''), { async: false })));
  }

  @Get('/livez')
  live() {
    return { status: 'ok' };
  }

  @Get('/readyz')
  async ready(@Res() reply: FastifyReply) {
    const { ready, services, reasons } = await this.readiness.judge();
    void reply
      .status(ready ? 200 : 503)
      .send({ status: ready ? 'ready' : 'not ready', services, ...(ready ? {} : { reasons }) });
  }
}
