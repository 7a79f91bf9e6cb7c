import { type AnswerOf, type identity, routes } from '#contracts';
import { Peers, SERVICE_CONFIG } from '#platform';
import { Controller, Inject } from '@nestjs/common';
import { passkeyOptions, passkeyProof } from '../account/passkeys.ts';
import { required } from '../account/views.ts';
import type { GatewayConfig } from '../config.ts';
import { type Ask, Asked, Serve } from '../edge/ask.ts';
import { Cookies } from '../edge/cookies.ts';
import type { SignedIn } from '../gate/session-check.ts';
import { factorView, securityView } from './views.ts';

/** What proves an account, by its holder. */
@Controller()
export class SecurityController {
  constructor(
    private readonly peers: Peers,
    private readonly cookies: Cookies,
    @Inject(SERVICE_CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Serve(routes.getSecurity)
  async show(@Asked() { who, context }: Ask<typeof routes.getSecurity>): Promise<AnswerOf<typeof routes.getSecurity>> {
    return securityView(await this.security.getSecurity({ holder: holderOf(who) }, context), this.config);
  }

  @Serve(routes.proveSession)
  async prove(@Asked() { who, body, reply, context }: Ask<typeof routes.proveSession>) {
    const proof: identity.Proof = {
      ...(body.password === undefined ? {} : { password: body.password }),
      ...(body.code === undefined ? {} : { totp: body.code }),
      ...(body.passkey === undefined ? {} : passkeyProof(body.passkey, this.config)),
    };
    const proved = await this.security.proveSession({ holder: holderOf(who), proof }, context);
    this.cookies.begin(reply, proved.sessionToken);
    return { provenUntil: proved.provenUntil };
  }

  @Serve(routes.askProofPasskey)
  async askProofPasskey(@Asked() { who, context }: Ask<typeof routes.askProofPasskey>) {
    const { origin } = this.config;
    return passkeyOptions(await this.security.askPasskeyProof({ holder: holderOf(who), origin }, context));
  }

  @Serve(routes.changePassword)
  async changePassword(@Asked() ask: Ask<typeof routes.changePassword>) {
    this.changed(ask, await this.security.changePassword({ holder: holderOf(ask.who), ...ask.body }, ask.context));
    return {};
  }

  @Serve(routes.setMultiFactor)
  async setMultiFactor(@Asked() ask: Ask<typeof routes.setMultiFactor>) {
    const holder = holderOf(ask.who);
    const changed = this.changed(ask, await this.security.setMultiFactor({ holder, ...ask.body }, ask.context));
    return { enabled: required(changed.security, 'security').multiFactor, codes: changed.codes };
  }

  @Serve(routes.beginAuthenticator)
  async beginAuthenticator(@Asked() { who, body, context }: Ask<typeof routes.beginAuthenticator>) {
    const { factorId, secret, uri } = await this.security.beginAuthenticator(
      { holder: holderOf(who), name: body.name, issuer: new URL(this.config.origin).host },
      context,
    );
    return { id: factorId, secret, uri };
  }

  @Serve(routes.confirmAuthenticator)
  async confirmAuthenticator(
    @Asked() ask: Ask<typeof routes.confirmAuthenticator>,
  ): Promise<AnswerOf<typeof routes.confirmAuthenticator>> {
    const changed = this.changed(
      ask,
      await this.security.confirmAuthenticator(
        { holder: holderOf(ask.who), factorId: ask.params.id, code: ask.body.code },
        ask.context,
      ),
    );
    return { factor: factorView(required(changed.factor, 'factor')), codes: changed.codes };
  }

  @Serve(routes.beginPasskey)
  async beginPasskey(@Asked() { who, context }: Ask<typeof routes.beginPasskey>) {
    const { origin } = this.config;
    return passkeyOptions(await this.security.beginPasskey({ holder: holderOf(who), origin }, context));
  }

  @Serve(routes.addPasskey)
  async addPasskey(@Asked() ask: Ask<typeof routes.addPasskey>): Promise<AnswerOf<typeof routes.addPasskey>> {
    const { name, response } = ask.body;
    const added = await this.security.addPasskey(
      { holder: holderOf(ask.who), origin: this.config.origin, name, passkey: JSON.stringify(response) },
      ask.context,
    );
    return factorView(required(this.changed(ask, added).factor, 'factor'));
  }

  @Serve(routes.renameFactor)
  async renameFactor(
    @Asked() { who, params, body, context }: Ask<typeof routes.renameFactor>,
  ): Promise<AnswerOf<typeof routes.renameFactor>> {
    return factorView(
      await this.security.renameFactor({ holder: holderOf(who), factorId: params.id, name: body.name }, context),
    );
  }

  @Serve(routes.removeFactor)
  async removeFactor(@Asked() ask: Ask<typeof routes.removeFactor>) {
    const holder = holderOf(ask.who);
    this.changed(ask, await this.security.removeFactor({ holder, factorId: ask.params.id }, ask.context));
    return {};
  }

  @Serve(routes.issueRecoveryCodes)
  async issueRecoveryCodes(@Asked() ask: Ask<typeof routes.issueRecoveryCodes>) {
    const changed = await this.security.issueRecoveryCodes({ holder: holderOf(ask.who) }, ask.context);
    return { codes: this.changed(ask, changed).codes };
  }

  @Serve(routes.requestAddress)
  requestAddress(@Asked() { who, body, context }: Ask<typeof routes.requestAddress>) {
    return this.security.requestAddressChange({ holder: holderOf(who), email: body.email }, context);
  }

  @Serve(routes.cancelAddress)
  async cancelAddress(
    @Asked() { who, context }: Ask<typeof routes.cancelAddress>,
  ): Promise<AnswerOf<typeof routes.cancelAddress>> {
    return securityView(await this.security.cancelAddressChange({ holder: holderOf(who) }, context), this.config);
  }

  private get security() {
    return this.peers.of('identity', 'Security');
  }

  /** The session has a new token, where something has changed. */
  private changed({ reply }: Pick<Ask, 'reply'>, changed: identity.SecurityChanged): identity.SecurityChanged {
    if (changed.sessionToken !== '') this.cookies.begin(reply, changed.sessionToken);
    return changed;
  }
}

const holderOf = ({ accountId, session }: SignedIn): identity.Holder => ({ accountId, sessionId: session.sessionId });
