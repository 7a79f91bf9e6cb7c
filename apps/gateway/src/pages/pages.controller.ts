import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { problems } from '#contracts';
import { SERVICE_CONFIG } from '#platform';
import { Controller, Get, Header, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { marked } from 'marked';
import type { GatewayConfig } from '../config.ts';
import { sendProblem, toProblem } from '../http/problem-reply.ts';
import { Readiness } from './readiness.ts';
import { firstSession } from './first-session.ts';
import { openApi } from './open-api.ts';
import { page } from './page.ts';
import { linkPage } from './link-page.ts';

const HTML = ['content-type', 'text/html; charset=utf-8'] as const;
const PROBLEM_PAGES = ((at) => {
  while (!existsSync(join(at, 'package.json'))) at = dirname(at);
  return join(at, 'docs', 'problems');
})(dirname(fileURLToPath(import.meta.url)));

/** What people read: the start page, where mailed links lead, what problems mean, and whether all is well. */
@Controller()
export class PagesController {
  constructor(
    private readonly readiness: Readiness,
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Get('/')
  @Header(...HTML)
  home() {
    return page('Rollcall', firstSession(this.config));
  }

  @Get('/verify')
  @Header(...HTML)
  verify() {
    return linkPage('verify');
  }

  @Get('/invitation')
  @Header(...HTML)
  invitation() {
    return linkPage('invitation');
  }

  @Get('/sign-in')
  @Header(...HTML)
  signIn() {
    return linkPage('sign-in');
  }

  @Get('/openapi.json')
  document() {
    return openApi(this.config);
  }

  @Get('/problems/*')
  problem(@Param('*') code: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    if (!Object.hasOwn(problems, code)) {
      sendProblem(request, reply, toProblem({ statusCode: 404 }));
      return;
    }
    const file = join(PROBLEM_PAGES, `${code}.md`);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : `# ${code}\n`;
    void reply.header(...HTML).send(page(code, marked.parse(text.replace(/^# .*\n/, ''), { async: false })));
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
