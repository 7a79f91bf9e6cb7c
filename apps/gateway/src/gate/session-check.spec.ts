import type { identity } from '#contracts';
import type { Peers } from '#platform';
import { SessionCheck } from './session-check.ts';

const session: identity.Session = {
  sessionId: 's',
  createdAt: '',
  lastSeenAt: '',
  endsAt: '',
  methods: [],
  provedAt: '',
  device: '',
  network: '',
};
const more = { confined: false, suspendedFor: '' };

describe('a session check', () => {
  /** With identity as it is seen from here: what it says of each token, and what it was asked. */
  const checking = (verdicts: Record<string, identity.SessionVerdict>) => {
    const asked: (readonly identity.SessionCheck[])[] = [];
    const contexts: object[] = [];
    const checkSessions = async ({ checks }: identity.CheckSessionsRequest, context: object) => {
      contexts.push(context);
      asked.push(checks);
      return {
        verdicts: checks.map(
          ({ sessionToken }) =>
            verdicts[sessionToken] ?? { outcome: 'ended', accountId: '', session: undefined, ...more },
        ),
      };
    };
    return {
      asked,
      contexts,
      sessions: new SessionCheck({
        of: (...names: string[]) => ({ 'identity.Sessions': { checkSessions } })[names.join('.')],
      } as unknown as Peers),
    };
  };

  it('says who is signed in', async () => {
    const { sessions, contexts } = checking({ t: { outcome: 'good', accountId: 'ada', session, ...more } });
    expect(await sessions.check('t', true)).toEqual({ accountId: 'ada', session, confined: false });
    expect(contexts).toEqual([{ correlationId: 'session-check', actor: 'service:gateway' }]);
  });

  it('says nobody of what has ended, of what is not known, and of a verdict without a session', async () => {
    const { sessions } = checking({
      ended: { outcome: 'ended', accountId: 'ada', session, ...more },
      bare: { outcome: 'good', accountId: 'ada', session: undefined, ...more },
    });
    for (const token of ['ended', 'bare', 'other'])
      expect([token, await sessions.check(token, true)]).toEqual([token, undefined]);
  });

  it('refuses whoever is suspended', async () => {
    const { sessions } = checking({ t: { outcome: 'suspended', accountId: 'ada', session, ...more } });
    await expect(sessions.check('t', true)).rejects.toMatchObject({ code: 'account/suspended' });
  });

  it('asks once for the same at the same moment, and apart for what is no presence of a person', async () => {
    const { sessions, asked } = checking({ t: { outcome: 'good', accountId: 'ada', session, ...more } });
    await Promise.all([
      sessions.check('t', true),
      sessions.check('t', true),
      sessions.check('t', false),
      sessions.check('u', true),
    ]);
    expect(asked).toEqual([
      [
        { sessionToken: 't', touch: true },
        { sessionToken: 't', touch: false },
        { sessionToken: 'u', touch: true },
      ],
    ]);
  });

  it('asks at each use: what was good a moment ago is not remembered', async () => {
    const verdicts: Record<string, identity.SessionVerdict> = {
      t: { outcome: 'good', accountId: 'ada', session, ...more },
    };
    const { sessions } = checking(verdicts);
    await sessions.check('t', true);
    delete verdicts.t;
    expect(await sessions.check('t', true)).toBeUndefined();
  });
});
