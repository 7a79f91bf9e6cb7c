import Fastify, { type FastifyRequest } from 'fastify';
import { Strategy } from 'passport-strategy';
import { CredentialStrategy, judge } from './strategy.ts';

class Named extends CredentialStrategy<string> {
  async validate(request: FastifyRequest): Promise<string | undefined> {
    if (request.headers.name === 'mallory') throw new RangeError('not you');
    return request.headers.name as string | undefined;
  }
}

class Elsewhere extends Strategy {
  override authenticate(): void {
    this.redirect('https://provider.example/authorize');
  }
}

class Passes extends Strategy {
  override authenticate(): void {
    this.pass();
  }
}

/** What a strategy says of a request of this name, as Fastify makes it. */
async function judged(strategy: Strategy, name?: string) {
  const server = Fastify();
  let left: readonly PropertyKey[] = [];
  server.get('/', async (request) => {
    const before = Reflect.ownKeys(request);
    const judgement = await judge(strategy, request).catch((error: unknown) => ({ thrown: String(error) }));
    left = Reflect.ownKeys(request).filter((key) => !before.includes(key));
    return judgement;
  });
  const answer = await server.inject({ path: '/', headers: name === undefined ? {} : { name } });
  await server.close();
  return { ...answer.json<object>(), left };
}

describe('judge', () => {
  it('answers who asks, and puts nothing on the request', async () => {
    expect(await judged(new Named(), 'ada')).toEqual({ principal: 'ada', left: [] });
  });

  it('answers nobody where there is no credential, or the strategy leaves it to others', async () => {
    expect(await judged(new Named())).toEqual({ left: [] });
    expect(await judged(new Passes())).toEqual({ left: [] });
  });

  it('lets through what a strategy throws', async () => {
    expect(await judged(new Named(), 'mallory')).toEqual({ thrown: 'RangeError: not you', left: [] });
  });

  it('answers where somebody must go first, for strategies of providers', async () => {
    expect(await judged(new Elsewhere())).toEqual({ location: 'https://provider.example/authorize', left: [] });
  });

  it('keeps requests at the same moment apart', async () => {
    const strategy = new Named();
    expect(await Promise.all(['ada', 'grace'].map((name) => judged(strategy, name)))).toMatchObject([
      { principal: 'ada' },
      { principal: 'grace' },
    ]);
  });
});
