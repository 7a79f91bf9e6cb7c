import { randomUUID } from 'node:crypto';
import type { identity as proto } from '#contracts';
import type { Peers } from '#platform';
import { SecurityKey } from '#testing';
import { userHandleOf } from '../factor/passkey.ts';
import {
  code,
  context,
  identityHarness,
  type IdentityHarness,
  PASSWORD,
  type Person,
  visit,
} from '../identity.fixture.ts';

const ORIGIN = 'https://rollcall.example';
const NEW_PASSWORD = 'a short ride over the hill';

describe('three processes on one database', () => {
  let identity: IdentityHarness;
  let machines: Peers[];
  beforeAll(async () => {
    identity = await identityHarness();
    const others = [await identity.harness.replica('identity'), await identity.harness.replica('identity')];
    machines = [identity.harness.peer('gateway'), ...others.map((peer) => peer('gateway'))];
  });
  afterAll(() => identity.stop());

  const at = (n: number) => {
    const machine = machines[n % machines.length];
    if (!machine) throw new Error('there is no machine');
    return {
      signIns: machine.of('identity', 'SignIns'),
      security: machine.of('identity', 'Security'),
      recoveries: machine.of('identity', 'Recoveries'),
    };
  };
  /** Does it many times at once, on one machine after the other. */
  const together = <T>(count: number, work: (machine: ReturnType<typeof at>, n: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, n) => work(at(n), n)));
  const counted = (outcomes: readonly string[], wanted: string) =>
    outcomes.filter((outcome) => outcome === wanted).length;

  it('open one session by one code, be it of an authenticator or for recovery', async () => {
    const ada = await identity.register();
    const { secret, codes } = await identity.addAuthenticator(ada);
    for (const proof of [{ totp: identity.totp(secret) }, { recoveryCode: codes[0] ?? '' }]) {
      const halves: string[] = [];
      for (let n = 0; n < 9; n++) halves.push((await identity.half(ada.email)).halfToken);
      const shown = await together(9, ({ signIns }, n) =>
        code(signIns.proveHalf({ halfToken: halves[n] ?? '', proof, visit: visit() }, context())),
      );
      expect([counted(shown, 'done'), shown.filter((each) => !/done|factor\/refused|rate-limited/.test(each))]).toEqual(
        [1, []],
      );
    }
  });

  it('take one answer of a passkey once, also where it counts no signatures', async () => {
    const ada = await identity.register();
    const key = new SecurityKey();
    const ceremony = ({ options }: proto.PasskeyOptions) => ({
      challenge: (JSON.parse(options) as { challenge: string }).challenge,
      origin: ORIGIN,
      rpId: 'rollcall.example',
      userHandle: userHandleOf(ada.accountId),
    });
    const { holder } = ada;
    const passkey = key.register(ceremony(await identity.security.beginPasskey({ holder, origin: ORIGIN }, context())));
    await identity.security.addPasskey({ holder, origin: ORIGIN, name: 'Phone', passkey }, context());
    const answer = key.assert(ceremony(await identity.signIns.askPasskey({ origin: ORIGIN }, context())));
    const shown = await together(12, ({ signIns }) =>
      code(signIns.signInByPasskey({ passkey: answer, origin: ORIGIN, visit: visit() }, context())),
    );
    expect([counted(shown, 'done'), counted(shown, 'factor/refused')]).toEqual([1, 11]);
  });

  it('judge no more wrong passwords than are free, of thirty at once', async () => {
    const ada = await identity.register();
    const from = visit();
    const wrong = await together(30, ({ signIns }) =>
      code(signIns.signIn({ email: ada.email, password: 'another password here', visit: from }, context())),
    );
    expect([counted(wrong, 'sign-in/failed'), counted(wrong, 'request/rate-limited')]).toEqual([5, 25]);
  });

  it('judge five answers of a half session, of thirty at once', async () => {
    const ada = await identity.register();
    await identity.addAuthenticator(ada);
    const { halfToken } = await identity.half(ada.email);
    const wrong = await together(30, ({ signIns }) =>
      code(signIns.proveHalf({ halfToken, proof: { recoveryCode: 'none' }, visit: visit() }, context())),
    );
    expect(counted(wrong, 'factor/refused')).toBeLessThanOrEqual(5);
    expect(counted(wrong, 'done')).toBe(0);
  });

  it('let one of a reset and a change win, and no session of before or beside it live', async () => {
    for (let round = 0; round < 3; round++) {
      const ada = await identity.register();
      const { holder, email } = ada;
      await identity.recoveries.wishForMail({ kind: 'reset', email, network: randomUUID() }, context());
      const half = await opened(ada);
      const others = together(9, ({ signIns }) =>
        signIns.signIn({ email, password: PASSWORD, visit: visit() }, context()).catch(() => undefined),
      );
      const [reset, changed] = await Promise.allSettled([
        at(1).recoveries.completeHalf({ halfToken: half, password: NEW_PASSWORD, visit: visit() }, context()),
        at(2).security.changePassword({ holder, current: PASSWORD, password: 'a long swim in the sea' }, context()),
      ]);
      const begun = [
        ...(reset.status === 'fulfilled' ? [reset.value.signedIn?.sessionToken ?? ''] : []),
        ...(changed.status === 'fulfilled' ? [changed.value.sessionToken] : []),
      ];
      expect(begun).toHaveLength(1);
      const tokens = (await others).flatMap((step) => step?.signedIn?.sessionToken ?? []);
      expect(await identity.outcomes(...begun)).toEqual(['good']);
      expect(new Set(await identity.outcomes(ada.token, ...tokens))).toEqual(new Set(['ended']));
      expect(await code(identity.signIn(email))).toBe('sign-in/failed');
    }
  });

  it('change an address once, to the one that was asked for last', async () => {
    const ada = await identity.register();
    const { holder, accountId } = ada;
    const wished = Array.from({ length: 3 }, () => `${randomUUID()}@example.org`);
    await together(3, ({ security }, n) =>
      security.requestAddressChange({ holder, email: wished[n] ?? '' }, context()),
    );
    const { email, token = '' } = await identity.letter('address-confirm', accountId);
    const confirmed = await together(6, ({ recoveries }) =>
      code(recoveries.confirmAddress({ token: token ?? '' }, context())),
    );
    expect([counted(confirmed, 'done'), counted(confirmed, 'link/unknown')]).toEqual([1, 5]);
    expect(await code(identity.signIn(email ?? ''))).toBe('done');
    const undone = (await identity.letter('address-undo', accountId)).token ?? '';
    const back = await together(6, ({ recoveries }) => code(recoveries.undoAddress({ token: undone }, context())));
    expect([counted(back, 'done'), counted(back, 'link/unknown')]).toEqual([1, 5]);
  });

  it('leave no account with multi-factor and without a factor', async () => {
    const ada = await identity.register();
    const { holder } = ada;
    const factors = [await identity.addAuthenticator(ada), await identity.addAuthenticator(ada)];
    const removed = await together(2, ({ security }, n) =>
      code(security.removeFactor({ holder, factorId: factors[n]?.factorId ?? '' }, context())),
    );
    expect(removed.sort()).toEqual(['done', 'factor/last']);
    const { factors: left } = await identity.security.getSecurity({ holder }, context());
    const ended = await together(6, ({ security }, n) =>
      code(
        n % 2 === 0
          ? security.removeFactor({ holder, factorId: left[0]?.factorId ?? '' }, context())
          : security.setMultiFactor({ holder, enabled: n === 3 }, context()),
      ),
    );
    expect(ended.filter((each) => !/^(done|factor\/(last|unknown|none))$/.test(each))).toEqual([]);
    const { multiFactor, factors: kept } = await identity.security.getSecurity({ holder }, context());
    expect(multiFactor && kept.length === 0).toBe(false);
  });

  /** A half session by the link that was mailed last. */
  async function opened({ accountId }: Person): Promise<string> {
    for (const deadline = performance.now() + 60_000; performance.now() < deadline;) {
      const [id] = await identity.links('reset', accountId);
      if (id === undefined) continue;
      const { token = '' } = await identity.letter('reset', id);
      const { halfToken } = await at(0).recoveries.openLink({ kind: 'reset', token: token ?? '' }, context());
      return halfToken ?? '';
    }
    throw new Error('the link was not mailed in time');
  }
});
