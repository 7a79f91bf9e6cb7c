import { type AnswerOf, type identity, routes } from '#contracts';
import { type CallContext, Peers, Problem, SERVICE_CONFIG } from '#platform';
import { Controller, Inject } from '@nestjs/common';
import { Arrivals } from '../account/arrivals.ts';
import type { GatewayConfig } from '../config.ts';
import { type Ask, Asked, listed, Serve } from '../edge/ask.ts';
import { Cookies } from '../edge/cookies.ts';
import { networkOf } from '../edge/network.ts';
import { visitOf } from '../edge/visit.ts';
import type { SignedIn } from '../gate/session-check.ts';

/** A provider is asked up to four times, and may take 5 s each: identity says that it does not answer, not its silence. */
export const PROVIDER_MS = 22_000;

type SignedOn = AnswerOf<typeof routes.finishSingleSignOn>;
type Finishing = Pick<Ask<typeof routes.bindSingleSignOn>, 'reply' | 'context'>;

/** Signing in at an organization's own identity provider. */
@Controller()
export class SingleSignOnController {
  constructor(
    private readonly peers: Peers,
    private readonly cookies: Cookies,
    private readonly arrivals: Arrivals,
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Serve(routes.lookSignIn)
  async look(@Asked() { body, context }: Ask<typeof routes.lookSignIn>): Promise<AnswerOf<typeof routes.lookSignIn>> {
    const { next } = await this.identity().look({ email: body.email }, context);
    return { next: next as AnswerOf<typeof routes.lookSignIn>['next'] };
  }

  @Serve(routes.startSingleSignOn)
  async start(@Asked() { body, who, request, reply, context }: Ask<typeof routes.startSingleSignOn>) {
    const { email, connectionId, purpose, token: invitationToken, returnTo } = body;
    if ((email === undefined) === (connectionId === undefined))
      throw new Problem('request/invalid', 'Say one of the two: `email`, or `connectionId`.');
    if (purpose !== 'sign-in' && !who)
      throw new Problem('session/required', 'Sign in first: this is for an open session.');
    if (purpose === 'test' && who && connectionId !== undefined) await this.requireOwn(connectionId, who, context);
    const browserToken = this.cookies.providerToken(request);
    const halfToken = this.cookies.halfToken(request);
    const started = await this.identity().start(
      {
        purpose,
        origin: this.config.origin,
        network: networkOf(request.ip),
        ...(email === undefined ? {} : { email }),
        ...(connectionId === undefined ? {} : { connectionId }),
        ...(invitationToken === undefined ? {} : { invitationToken }),
        ...(returnTo === undefined ? {} : { returnTo }),
        ...(browserToken === undefined ? {} : { browserToken }),
        ...(halfToken === undefined || purpose !== 'sign-in' ? {} : { halfToken }),
        ...holderOf(who),
      },
      { ...context, timeoutMs: PROVIDER_MS },
    );
    this.cookies.goToProvider(reply, started.browserToken);
    return { location: started.location };
  }

  @Serve(routes.finishSingleSignOn)
  async finish(@Asked() { body, who, request, reply, context }: Ask<typeof routes.finishSingleSignOn>) {
    const { connectionId, query, samlResponse, relayState } = body;
    const halfToken = this.cookies.halfToken(request);
    const state = samlResponse === undefined ? new URLSearchParams(query ?? '').get('state') : relayState;
    const finished = await this.identity().finish(
      {
        connectionId,
        origin: this.config.origin,
        browserToken: this.browserToken(request),
        state: state ?? '',
        visit: visitOf(request, this.cookies),
        ...(query === undefined ? {} : { query }),
        ...(samlResponse === undefined ? {} : { samlResponse }),
        ...(halfToken === undefined ? {} : { halfToken }),
        ...holderOf(who),
      },
      { ...context, timeoutMs: PROVIDER_MS },
    );
    return this.answer(finished, { reply, context });
  }

  @Serve(routes.bindSingleSignOn)
  async bind(@Asked() { body, request, reply, context }: Ask<typeof routes.bindSingleSignOn>) {
    const visit = visitOf(request, this.cookies);
    const browserToken = this.browserToken(request);
    return this.answer(await this.identity().bind({ token: body.token, browserToken, visit }, context), {
      reply,
      context,
    });
  }

  @Serve(routes.unbindAccount)
  async unbind(@Asked() { params, who, body, context }: Ask<typeof routes.unbindAccount>) {
    await this.requireOwn(params.id, who, context);
    await this.identity().unbind({ connectionId: params.id, accountId: body.accountId }, context);
    return {};
  }

  @Serve(routes.listAttempts)
  async attempts(@Asked() ask: Ask<typeof routes.listAttempts>) {
    const { params, who, context } = ask;
    await this.requireOwn(params.id, who, context);
    const { items } = await this.identity().listAttempts({ connectionId: params.id }, context);
    return listed(
      ask,
      items.map(({ beganAt, purpose, outcome, check }) => ({
        beganAt,
        purpose: purpose as 'sign-in',
        outcome: outcome as 'accepted',
        check: check ?? null,
      })),
    );
  }

  /** Strangers hear of a connection that they do not own what they hear of one that does not exist. */
  private async requireOwn(connectionId: string, { accountId: callerId }: SignedIn, context: CallContext) {
    await this.peers.of('organization', 'SingleSignOn').getConnection({ callerId, connectionId }, context);
  }

  private async answer(
    { step, mailed, tested, proved, returnTo: path }: identity.FinishResponse,
    { reply, context }: Finishing,
  ): Promise<SignedOn> {
    const returnTo = path ?? null;
    if (step) return { ...(await this.arrivals.answer(step, reply, context)), returnTo };
    void reply.status(200);
    if (mailed) return { next: 'mail', returnTo };
    if (tested) return { next: 'tested', subject: tested.subject, email: tested.email, fresh: tested.fresh, returnTo };
    if (!proved) throw new Error('the answer of identity says nothing');
    this.cookies.begin(reply, proved.sessionToken);
    return { next: 'proved', provenUntil: proved.provenUntil, returnTo };
  }

  /** Empty for a browser that has begun nothing: identity says what that means. */
  private browserToken(request: Parameters<Cookies['providerToken']>[0]): string {
    return this.cookies.providerToken(request) ?? '';
  }

  private identity() {
    return this.peers.of('identity', 'SingleSignOn');
  }
}

const holderOf = (who: SignedIn | undefined) =>
  who ? { holder: { accountId: who.accountId, sessionId: who.session.sessionId } } : {};
