import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { importPKCS8, SignJWT } from 'jose';
import { Time } from '../base/time.ts';
import { CallerTokens } from './caller-tokens.ts';

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    open: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
};
const [gateway, mailer, ada] = [pair(), pair(), pair()];
const callerKeys = { gateway: gateway.open, mailer: mailer.open };

describe('a caller token', () => {
  const by = (self: 'gateway' | 'mailer', { secret } = self === 'gateway' ? gateway : mailer) =>
    new CallerTokens(self, { callerKey: secret, callerKeys });
  const identity = () => new CallerTokens('identity', { callerKey: '', callerKeys });

  it('names who has signed it, to the audience that it was made for and to no other', async () => {
    const token = await by('gateway').issue('identity');
    expect(await identity().caller(token)).toBe('gateway');
    expect(await new CallerTokens('organization', { callerKey: '', callerKeys }).caller(token)).toBeUndefined();
  });

  it('proves nothing when another key has signed it, or its key is known to nobody', async () => {
    expect(await identity().caller(await by('gateway', mailer).issue('identity'))).toBeUndefined();
    const token = await by('gateway').issue('identity');
    expect(
      await new CallerTokens('identity', { callerKey: '', callerKeys: { mailer: mailer.open } }).caller(token),
    ).toBeUndefined();
    expect(await identity().caller(`${token.slice(0, -4)}AAAA`)).toBeUndefined();
    expect(await identity().caller('')).toBeUndefined();
  });

  it('is known by each key that its caller has while it changes keys, and by none that has left', async () => {
    const tokens = [await by('gateway').issue('identity'), await by('gateway', mailer).issue('identity')];
    const known = (open: string) =>
      Promise.all(
        tokens.map((token) =>
          new CallerTokens('identity', { callerKey: '', callerKeys: { gateway: open } }).caller(token),
        ),
      );
    expect(await known(gateway.open + mailer.open)).toEqual(['gateway', 'gateway']);
    expect(await known(mailer.open)).toEqual([undefined, 'gateway']);
    expect(await known('')).toEqual([undefined, undefined]);
  });

  /** Signed by hand, as our own code never signs. */
  const forged = async (
    { iss, kid, exp }: { iss: string; kid: string; exp?: number },
    { secret } = gateway,
    audience = 'identity',
  ) => {
    const token = new SignJWT()
      .setProtectedHeader({ alg: 'EdDSA', kid })
      .setIssuer(iss)
      .setAudience(audience)
      .setIssuedAt();
    return (exp === undefined ? token : token.setExpirationTime(exp)).sign(await importPKCS8(secret, 'EdDSA'));
  };
  const soon = () => Math.floor(Date.now() / 1000) + 20;

  it('names nobody but whose key has signed it', async () => {
    expect(await identity().caller(await forged({ iss: 'gateway', kid: 'gateway', exp: soon() }))).toBe('gateway');
    expect(await identity().caller(await forged({ iss: 'mailer', kid: 'gateway', exp: soon() }))).toBeUndefined();
    expect(await identity().caller(await forged({ iss: 'operator:ada', kid: 'gateway', exp: soon() }))).toBeUndefined();
    expect(await identity().caller(await forged({ iss: 'nobody', kid: 'nobody', exp: soon() }))).toBeUndefined();
  });

  it('proves nothing once it is over, nor where it never ends', async () => {
    expect(await identity().caller(await forged({ iss: 'gateway', kid: 'gateway', exp: soon() - 21 }))).toBeUndefined();
    expect(await identity().caller(await forged({ iss: 'gateway', kid: 'gateway' }))).toBeUndefined();
  });

  /** Clocks that stand still until a test moves them. */
  class StillTime extends Time {
    at = 0;
    override monotonic = () => 5_000 + this.at;
    override wall = () => Date.parse('2026-01-01T00:00:00.000Z') + this.at;
  }

  it('is signed once for many calls, and anew ten seconds before it ends, so that none arrives with a dead one', async () => {
    const time = new StillTime();
    const tokens = new CallerTokens('gateway', { callerKey: gateway.secret, callerKeys }, time);
    const first = await tokens.issue('identity');
    expect(await tokens.issue('organization')).not.toBe(first);
    time.at = 19_999;
    expect(await tokens.issue('identity')).toBe(first);
    time.at = 20_000;
    expect(await tokens.issue('identity')).not.toBe(first);
  });

  it('lasts for thirty seconds, and no longer where it was accepted before', async () => {
    const time = new StillTime();
    const token = await new CallerTokens('gateway', { callerKey: gateway.secret, callerKeys }, time).issue('identity');
    const [before, late] = [1, 2].map(() => new CallerTokens('identity', { callerKey: '', callerKeys }, time));
    expect(await before?.caller(token)).toBe('gateway');
    time.at = 29_999;
    expect([await before?.caller(token), await late?.caller(token)]).toEqual(['gateway', 'gateway']);
    time.at = 30_000;
    expect([await before?.caller(token), await late?.caller(token)]).toEqual([undefined, undefined]);
  });
});

describe('an operator', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-operators-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const file = () => join(folder, 'operators.json');
  const keep = (operators: object) => {
    writeFileSync(file(), JSON.stringify(operators));
  };
  const asked = (token: string) =>
    new CallerTokens('identity', { callerKey: '', callerKeys, operatorsFile: file() }).caller(token);
  const token = (name: string, { secret } = ada) =>
    new CallerTokens(`operator:${name}`, { callerKey: secret, callerKeys: {} }).issue('identity');

  it('is who stands in the file, by the key that stands there', async () => {
    keep({ ada: ada.open });
    expect(await asked(await token('ada'))).toBe('operator:ada');
    expect(await asked(await token('ada', mailer))).toBeUndefined();
    expect(await asked(await token('eve'))).toBeUndefined();
    expect(await asked(await token('constructor'))).toBeUndefined();
  });

  it('is none any more once they were taken out of it, or without a file', async () => {
    keep({ ada: ada.open });
    const signed = await token('ada');
    keep({});
    expect(await asked(signed)).toBeUndefined();
    expect(await new CallerTokens('identity', { callerKey: '', callerKeys }).caller(signed)).toBeUndefined();
  });
});
