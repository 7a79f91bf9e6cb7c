import { type AnswerOf, routes } from '#contracts';
import { Peers, SERVICE_CONFIG } from '#platform';
import { Controller, Inject } from '@nestjs/common';
import { passkeyOptions } from '../account/passkeys.ts';
import { currentView, sessionView } from '../account/views.ts';
import type { GatewayConfig } from '../config.ts';
import { type Ask, Asked, listed, Serve } from '../edge/ask.ts';
import { Cookies } from '../edge/cookies.ts';
import { visitOf } from '../edge/visit.ts';
import { Arrivals } from '../account/arrivals.ts';

@Controller()
export class SessionsController {
  constructor(
    private readonly peers: Peers,
    private readonly cookies: Cookies,
    private readonly arrivals: Arrivals,
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Serve(routes.signIn)
  async signIn(
    @Asked() { body, request, reply, context }: Ask<typeof routes.signIn>,
  ): Promise<AnswerOf<typeof routes.signIn>> {
    const step = await this.peers
      .of('identity', 'SignIns')
      .signIn({ ...body, visit: visitOf(request, this.cookies) }, context);
    return this.arrivals.answer(step, reply, context);
  }

  @Serve(routes.askPasskey)
  async askPasskey(@Asked() { context }: Ask<typeof routes.askPasskey>) {
    const { origin } = this.config;
    return passkeyOptions(await this.peers.of('identity', 'SignIns').askPasskey({ origin }, context));
  }

  @Serve(routes.signInByPasskey)
  async signInByPasskey(@Asked() { body, request, reply, context }: Ask<typeof routes.signInByPasskey>) {
    const { origin } = this.config;
    const step = await this.peers
      .of('identity', 'SignIns')
      .signInByPasskey(
        { origin, passkey: JSON.stringify(body.response), visit: visitOf(request, this.cookies) },
        context,
      );
    return this.arrivals.answer(step, reply, context);
  }

  @Serve(routes.listSessions)
  async list(@Asked() ask: Ask<typeof routes.listSessions>) {
    const { items } = await this.peers
      .of('identity', 'Sessions')
      .listSessions({ accountId: ask.who.accountId }, ask.context);
    return listed(
      ask,
      items.map((item) => ({
        ...sessionView(item, ask.who.session.sessionId),
        device: item.device,
        network: item.network,
      })),
    );
  }

  @Serve(routes.currentSession)
  current(@Asked() { who }: Ask<typeof routes.currentSession>): AnswerOf<typeof routes.currentSession> {
    return currentView(who.session);
  }

  @Serve(routes.touchSession)
  touch(@Asked() { who }: Ask<typeof routes.touchSession>): AnswerOf<typeof routes.touchSession> {
    return currentView(who.session);
  }

  @Serve(routes.endOtherSessions)
  async endOthers(
    @Asked() { who, context }: Ask<typeof routes.endOtherSessions>,
  ): Promise<AnswerOf<typeof routes.endOtherSessions>> {
    const { ended } = await this.peers
      .of('identity', 'Sessions')
      .endOtherSessions({ accountId: who.accountId, keptSessionId: who.session.sessionId }, context);
    return { ended };
  }

  @Serve(routes.endSession)
  async end(@Asked() { who, params, reply, context }: Ask<typeof routes.endSession>) {
    const sessionId = params.id === 'current' ? who.session.sessionId : params.id;
    await this.peers.of('identity', 'Sessions').endSession({ accountId: who.accountId, sessionId }, context);
    if (sessionId === who.session.sessionId) this.cookies.end(reply);
    return {};
  }
}
