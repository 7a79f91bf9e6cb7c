import { generateKeyPairSync } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACTOR, CALLER, header } from './call-context.ts';
import { type Caller, CallerTokens } from './caller-tokens.ts';
import { ANY_SERVICE, CallableBy, CallerGuard } from './caller.guard.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const callerKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const callerKeys = Object.fromEntries(
  ['gateway', 'mailer', 'organization'].map((name) => [
    name,
    publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ]),
);

class Methods {
  @CallableBy('gateway', 'operator')
  byTwo() {
    /* not called */
  }

  @CallableBy(ANY_SERVICE)
  byAny() {
    /* not called */
  }

  byNobody() {
    /* not called */
  }
}

describe('the guard of callers', () => {
  const guard = new CallerGuard(new CallerTokens('identity', { callerKey, callerKeys }), new Reflector());
  const signed = (self: Caller) => new CallerTokens(self, { callerKey, callerKeys }).issue('identity');
  async function call(method: keyof Methods, token: string | undefined, by = guard) {
    const metadata = new Metadata();
    if (token !== undefined) metadata.set(CALLER, token);
    metadata.set(ACTOR, 'account:of-whom-it-tells');
    const context = {
      getHandler: () => Object.getOwnPropertyDescriptor(Methods.prototype, method)?.value as unknown,
      getClass: () => Methods,
      getArgByIndex: (index: number) => (index === 1 ? metadata : undefined),
    } as unknown as ExecutionContext;
    return by.canActivate(context).then(
      (letIn) => (letIn ? header(metadata, ACTOR) : 'kept out without a word'),
      (error: unknown) => (error as { code?: string }).code,
    );
  }

  it('lets in whom the method names, and lets them tell for whom they act', async () => {
    expect(await call('byTwo', await signed('gateway'))).toBe('account:of-whom-it-tells');
    expect(await call('byTwo', await signed('mailer'))).toBe('caller/not-permitted');
  });

  it('lets in nobody without a token that proves who calls', async () => {
    for (const token of [undefined, '', 'gateway']) expect(await call('byTwo', token)).toBe('caller/not-permitted');
  });

  it('says whether it does not know who calls, or knows and does not let them in', async () => {
    const said = async (token: string | undefined) => {
      const metadata = new Metadata();
      if (token !== undefined) metadata.set(CALLER, token);
      const context = {
        getHandler: () => Object.getOwnPropertyDescriptor(Methods.prototype, 'byTwo')?.value as unknown,
        getClass: () => Methods,
        getArgByIndex: () => metadata,
      } as unknown as ExecutionContext;
      return guard.canActivate(context).catch((error: unknown) => (error as { detail: string }).detail);
    };
    expect(await said('nothing')).toContain('no valid caller token');
    expect(await said(await signed('mailer'))).toContain('mailer is not among the callers');
  });

  it('lets nobody in where a method names nobody', async () => {
    expect(await call('byNobody', await signed('gateway'))).toBe('caller/not-permitted');
  });

  it('takes the gateway for no service that may ask among services', async () => {
    expect(await call('byAny', await signed('organization'))).toBe('account:of-whom-it-tells');
    expect(await call('byAny', await signed('gateway'))).toBe('caller/not-permitted');
  });

  it('takes an operator for themselves, whomever they name, and only where operators may', async () => {
    const ada = { caller: async () => 'operator:ada' as const } as unknown as CallerTokens;
    const proved = new CallerGuard(ada, new Reflector());
    expect(await call('byTwo', 'proved', proved)).toBe('operator:ada');
    expect(await call('byAny', 'proved', proved)).toBe('caller/not-permitted');
  });
});
