import { randomBytes, randomUUID } from 'node:crypto';
import { type Ceremony, type Cbor, cbor, FLAG, KEY_ALGORITHMS, type Lies, Pairs, SecurityKey } from '#testing';
import fc from 'fast-check';
import {
  ANSWER_MAX,
  assertedPasskey,
  authenticationOptions,
  credentialIdIn,
  type KeptPasskey,
  registeredPasskey,
  registrationOptions,
  rpIdOf,
  userHandleOf,
} from './passkey.ts';

const ORIGIN = 'https://rollcall.example';
const CHALLENGE = randomBytes(54).toString('base64url');
const ACCOUNT = randomUUID();
const expected = { origin: ORIGIN, isChallenge: (challenge: string) => challenge === CHALLENGE };
const ceremony: Ceremony = {
  challenge: CHALLENGE,
  origin: ORIGIN,
  rpId: 'rollcall.example',
  userHandle: userHandleOf(ACCOUNT),
};

async function keptOf(key: SecurityKey, more: Partial<KeptPasskey> = {}): Promise<KeptPasskey> {
  const passkey = await registeredPasskey(key.register(ceremony), expected);
  if (!passkey) throw new Error('a passkey that is right was refused');
  return { accountId: ACCOUNT, rpId: 'rollcall.example', ...passkey, ...more };
}

describe('the host of passkeys', () => {
  it.each([
    ['https://rollcall.example', 'rollcall.example'],
    ['https://rollcall.example:8443', 'rollcall.example'],
    ['http://localhost:8080', 'localhost'],
    ['http://127.0.0.1:8080', undefined],
    ['http://[::1]:8080', undefined],
    ['http://0x7f.1', undefined],
    ['', undefined],
  ])('of %s is %s', (origin, rpId) => {
    expect(rpIdOf(origin)).toBe(rpId);
  });
});

describe('what a browser is asked', () => {
  const account = { accountId: ACCOUNT, email: 'ada@example.com', name: 'Ada' };
  const named = { credentialId: 'AAAA', transports: ['usb', 'nonsense'] };

  it('is a passkey that verifies its person and is found without a name', () => {
    const options = registrationOptions({ challenge: CHALLENGE, rpId: 'a.example', account, exclude: [named] });
    expect(options).toMatchObject({
      challenge: CHALLENGE,
      rp: { id: 'a.example' },
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
      excludeCredentials: [{ id: 'AAAA', type: 'public-key', transports: ['usb'] }],
    });
    expect(options.pubKeyCredParams.map(({ alg }) => alg)).toEqual([-8, -7, -257]);
    expect(Buffer.from(options.user.id, 'base64url').toString('hex')).toBe(ACCOUNT.replaceAll('-', ''));
  });

  it('is any passkey of the host, or one of those that are named', () => {
    const asked = { challenge: CHALLENGE, rpId: 'a.example' };
    expect(authenticationOptions({ ...asked, allow: [] })).toMatchObject({
      allowCredentials: [],
      userVerification: 'required',
    });
    expect(authenticationOptions({ ...asked, allow: [named] }).allowCredentials).toHaveLength(1);
  });
});

describe.each(KEY_ALGORITHMS.flatMap((algorithm) => [false, true].map((counts) => ({ algorithm, counts }))))(
  'a key of $algorithm, counting: $counts',
  ({ algorithm, counts }) => {
    it('is registered and proves its holder, time after time', async () => {
      const key = new SecurityKey(algorithm, counts);
      let kept = await keptOf(key);
      expect(kept).toMatchObject({ credentialId: key.credentialId.toString('base64url'), counter: counts ? 1 : 0 });
      for (let time = 2; time < 5; time++) {
        const judged = await assertedPasskey(key.assert(ceremony), kept, expected, true);
        expect(judged).toEqual({ verdict: 'good', counter: counts ? time : 0, backedUp: false, challenge: CHALLENGE });
        kept = { ...kept, counter: judged.verdict === 'good' ? judged.counter : NaN };
      }
    });
  },
);

describe('a passkey', () => {
  it('that is kept in several places says so each time', async () => {
    const synced = new SecurityKey('ES256', false, FLAG.present | FLAG.verified | FLAG.backupEligible | FLAG.backedUp);
    const kept = await keptOf(synced);
    expect(kept).toMatchObject({ backupEligible: true, backedUp: true });
    const once = await assertedPasskey(synced.assert(ceremony, { flip: FLAG.backedUp }), kept, expected, true);
    expect(once).toMatchObject({ verdict: 'good', backedUp: false });
  });

  it('that was asked for by name need not say whose it is', async () => {
    const key = new SecurityKey();
    const kept = await keptOf(key);
    const nameless = key.assert(ceremony, { inner: { userHandle: null } });
    expect(await assertedPasskey(nameless, kept, expected, false)).toMatchObject({ verdict: 'good' });
    expect(await assertedPasskey(nameless, kept, expected, true)).toEqual({ verdict: 'refused' });
  });

  it('that has counted further before is told apart, and only where all else fits', async () => {
    const key = new SecurityKey('ES256', true);
    const kept = await keptOf(key, { counter: 5 });
    for (const counter of [0, 4, 5])
      expect(await assertedPasskey(key.assert(ceremony, { counter }), kept, expected, true)).toEqual({
        verdict: 'cloned',
        challenge: CHALLENGE,
      });
    expect(await assertedPasskey(key.assert(ceremony, { counter: 6 }), kept, expected, true)).toMatchObject({
      counter: 6,
    });
    const forged = key.assert(ceremony, { counter: 4, signature: (right) => right.fill(1, 20, 30) });
    expect(await assertedPasskey(forged, kept, expected, true)).toEqual({ verdict: 'refused' });
  });

  it('attests itself where it likes', async () => {
    for (const algorithm of KEY_ALGORITHMS)
      expect(
        await registeredPasskey(new SecurityKey(algorithm).register(ceremony, { selfAttested: true }), expected),
      ).toBeDefined();
  });

  it('keeps of its transports those that are some', async () => {
    const inner = { transports: ['usb', '<script>', 'internal', 'usb'] };
    expect(await registeredPasskey(new SecurityKey().register(ceremony, { inner }), expected)).toMatchObject({
      transports: ['internal', 'usb'],
    });
    expect(
      await registeredPasskey(new SecurityKey().register(ceremony, { inner: { transports: 7 } }), expected),
    ).toMatchObject({ transports: [] });
  });
});

const honest = JSON.stringify({ type: 'webauthn.get', challenge: CHALLENGE, origin: ORIGIN, crossOrigin: false });
const honestly = honest.replace('.get', '.create');
const key = new SecurityKey();
const other = new SecurityKey();
const FOREIGN = userHandleOf(randomUUID());
const deep = (levels: number) => Buffer.concat([Buffer.alloc(levels, 0x81), Buffer.of(0)]);

/** Of both ceremonies. */
const WRONG: Readonly<Record<string, Lies>> = {
  'another challenge': { clientData: { challenge: randomBytes(54).toString('base64url') } },
  'no challenge': { clientData: { challenge: undefined } },
  'a challenge that is a list': { clientData: { challenge: [CHALLENGE] } },
  'another origin': { clientData: { origin: 'https://evil.example' } },
  'an origin with another port': { clientData: { origin: `${ORIGIN}:8443` } },
  'an origin below ours': { clientData: { origin: 'https://a.rollcall.example' } },
  'an origin without TLS': { clientData: { origin: 'http://rollcall.example' } },
  'a frame of another origin': { clientData: { crossOrigin: true } },
  'a frame that is told by a text': { clientData: { crossOrigin: 'false' } },
  'a frame of another origin, named': { clientData: { crossOrigin: true, topOrigin: 'https://evil.example' } },
  'a top origin alone': { clientData: { topOrigin: ORIGIN } },
  'a token binding that is none': { clientData: { tokenBinding: { status: 'stolen' } } },
  'client data that is a list': { clientData: '[]' },
  'client data that is null': { clientData: 'null' },
  'client data that is cut off': { clientData: honest.slice(0, -1) },
  'client data that is no UTF-8': { clientData: Buffer.concat([Buffer.from(honest), Buffer.of(0xff)]) },
  'client data within 10,000 lists': { clientData: '['.repeat(1e4) },
  'the RP id of another host': { rpId: 'evil.example' },
  'a person who was not there': { flip: FLAG.present },
  'a person who was not verified': { flip: FLAG.verified },
  'a backup of what cannot be backed up': { flip: FLAG.backedUp },
  'bytes behind the authenticator data': { tail: Buffer.of(0) },
  'extensions that are not there': { flip: FLAG.extended },
  'extensions within each other': { flip: FLAG.extended, tail: deep(10_000) },
  'an id of one byte': { credentialId: Buffer.of(1) },
  'an id of 15 bytes': { credentialId: randomBytes(15) },
  'an id of 1,024 bytes': { credentialId: randomBytes(1024) },
  'an outer id that is another': { outer: { id: other.credentialId.toString('base64url') } },
  'an outer id that is no base64url': { outer: { id: '+/+/+/+/+/+/+/+/+/+/+/+/', rawId: '+/+/+/+/+/+/+/+/+/+/+/+/' } },
  'no id': { outer: { id: undefined, rawId: undefined } },
  'another type': { outer: { type: 'password' } },
  'no response': { outer: { response: null } },
  'client data that is a number': { inner: { clientDataJSON: 7 } },
  'client data spelt otherwise': { inner: { clientDataJSON: `${Buffer.from(honest).toString('base64url')}=` } },
  'more than 16 kB': { outer: { clientExtensionResults: 'x'.repeat(ANSWER_MAX) } },
};

const WRONG_ASSERTIONS: Readonly<Record<string, Lies>> = {
  ...WRONG,
  'a registration': { clientData: { type: 'webauthn.create' } },
  'a byte order mark': { clientData: `\uFEFF${honest}` },
  'a challenge twice': { clientData: honest.replace('{', '{"challenge":"x",') },
  'a challenge twice, once spelt otherwise': { clientData: honest.replace('{', '{"ch\\u0061llenge":"x",') },
  'a prototype': { clientData: honest.replace('{', '{"__proto__":{},') },
  'the user handle of another': { inner: { userHandle: FOREIGN } },
  'the user handle of nobody': { inner: { userHandle: '' } },
  'the user handle left out': { inner: { userHandle: undefined } },
  'a user handle in other letters': { inner: { userHandle: userHandleOf(ACCOUNT).toLowerCase() } },
  'a user handle that is a list': { inner: { userHandle: [userHandleOf(ACCOUNT)] } },
  "another's credential": {
    outer: { id: other.credentialId.toString('base64url'), rawId: other.credentialId.toString('base64url') },
  },
  'a passkey that can be backed up since': { flip: FLAG.backupEligible },
  'a passkey that is backed up since': { flip: FLAG.backupEligible | FLAG.backedUp },
  'no signature': { signature: () => Buffer.alloc(0) },
  'a signature of nothing': { signature: () => Buffer.from('3006020100020100', 'hex') },
  'a signature that is no DER': { signature: (right) => right.subarray(1) },
  'a signature cut off': { signature: (right) => right.subarray(0, -1) },
  'a signature of another key': { signature: () => Buffer.from(signatureOf(other.assert(ceremony)), 'base64url') },
  'a signature of what was signed before': {
    signature: () => Buffer.from(signatureOf(key.assert({ ...ceremony, challenge: 'x' })), 'base64url'),
  },
  'authenticator data of 36 bytes': { inner: { authenticatorData: Buffer.alloc(36).toString('base64url') } },
  'authenticator data that is null': { inner: { authenticatorData: null } },
};

const signatureOf = (answer: string) => (JSON.parse(answer) as { response: { signature: string } }).response.signature;

const cose = (...pairs: [number, Cbor][]) => cbor(new Pairs(pairs));
const [x, y] = [key.publicKey.subarray(10, 42), key.publicKey.subarray(45)];
const fmt = (name: string, ...pairs: [string, Cbor][]) => ({ attestation: { fmt: name, attStmt: new Pairs(pairs) } });

const WRONG_REGISTRATIONS: Readonly<Record<string, Lies>> = {
  ...WRONG,
  'an assertion': { clientData: { type: 'webauthn.get' } },
  'a byte order mark': { clientData: `\uFEFF${honestly}` },
  'an origin twice': { clientData: honestly.replace('{', '{"origin":"https://evil.example",') },
  'no credential': { flip: FLAG.attested },
  'a key off the curve': { publicKey: cose([1, 2], [3, -7], [-1, 1], [-2, x], [-3, x]) },
  'the point at nought': { publicKey: cose([1, 2], [3, -7], [-1, 1], [-2, Buffer.alloc(32)], [-3, Buffer.alloc(32)]) },
  'a key of half a point': { publicKey: cose([1, 2], [3, -7], [-1, 1], [-2, x]) },
  'a key of points that are short': { publicKey: cose([1, 2], [3, -7], [-1, 1], [-2, x.subarray(1)], [-3, y]) },
  'a key on another curve': { publicKey: cose([1, 2], [3, -7], [-1, 2], [-2, x], [-3, y]) },
  'a key of another kind than its algorithm': { publicKey: cose([1, 2], [3, -8], [-1, 1], [-2, x], [-3, y]) },
  'a key of an algorithm that nobody asked for': { publicKey: cose([1, 2], [3, -47], [-1, 8], [-2, x], [-3, y]) },
  'a key without an algorithm': { publicKey: cose([1, 2], [-1, 1], [-2, x], [-3, y]) },
  'a key that is a text': { publicKey: cbor('key') },
  'a key with a part twice': { publicKey: cose([1, 2], [3, -7], [-1, 1], [-2, x], [-2, x], [-3, y]) },
  'a key within 10,000 lists': { publicKey: deep(10_000) },
  'an Ed25519 key of 31 bytes': { publicKey: cose([1, 1], [3, -8], [-1, 6], [-2, randomBytes(31)]) },
  'an RSA key of 512 bits': {
    publicKey: cose([1, 3], [3, -257], [-1, Buffer.alloc(64, 0xa7)], [-2, Buffer.of(1, 0, 1)]),
  },
  'an RSA key of nothing': { publicKey: cose([1, 3], [3, -257], [-1, Buffer.alloc(0)], [-2, Buffer.alloc(0)]) },
  'an attestation of none with something': fmt('none', ['alg', -7]),
  'an attestation by certificates': fmt('packed', ['alg', -7], ['sig', randomBytes(64)], ['x5c', [randomBytes(64)]]),
  'an attestation of a key from before': fmt('fido-u2f', ['sig', randomBytes(64)], ['x5c', [randomBytes(64)]]),
  'an attestation of a TPM': fmt('tpm', ['ver', '2.0']),
  'an attestation of Apple': fmt('apple', ['x5c', [randomBytes(64)]]),
  'an attestation of nobody': fmt('toString'),
  'an attestation of itself by another': { ...fmt('packed', ['alg', -7], ['sig', randomBytes(70)]) },
  'an attestation of itself that is wrong': { selfAttested: true, signature: (right) => right.fill(7, 40) },
  'an attestation that is no CBOR': { inner: { attestationObject: 'AAAA' } },
  'an attestation of 10,000 lists': { inner: { attestationObject: deep(10_000).toString('base64url') } },
};

describe('an answer that is not as it should be', () => {
  it.each(Object.entries(WRONG_ASSERTIONS))('proves nothing: %s', async (_what, lies) => {
    const kept = await keptOf(key);
    expect(await assertedPasskey(key.assert(ceremony), kept, expected, true)).toMatchObject({ verdict: 'good' });
    expect(await assertedPasskey(key.assert(ceremony, lies), kept, expected, true)).toEqual({ verdict: 'refused' });
  });

  it.each(Object.entries(WRONG_REGISTRATIONS))('is not registered: %s', async (_what, lies) => {
    expect(await registeredPasskey(key.register(ceremony, lies), expected)).toBeUndefined();
  });

  it.each(['', 'null', '[]', '7', '{}', '{"id":{}}', '\uFEFF{}', '['.repeat(16_000)])(
    'is none at all: %.20s',
    async (text) => {
      const kept = await keptOf(key);
      expect(credentialIdIn(text)).toBeUndefined();
      expect(await assertedPasskey(text, kept, expected, true)).toEqual({ verdict: 'refused' });
      expect(await registeredPasskey(text, expected)).toBeUndefined();
    },
  );

  it('proves nothing by a passkey of another account, of another host, or whose key has gone', async () => {
    const kept = await keptOf(key);
    for (const wrong of [
      { accountId: randomUUID() },
      { rpId: 'rollcall.example.org' },
      { publicKey: '' },
      { publicKey: (await keptOf(other)).publicKey },
      { credentialId: other.credentialId.toString('base64url') },
    ])
      expect(await assertedPasskey(key.assert(ceremony), { ...kept, ...wrong }, expected, true)).toEqual({
        verdict: 'refused',
      });
  });

  it('proves nothing at an address without a host name', async () => {
    const at = { ...ceremony, origin: 'http://127.0.0.1:8080', rpId: '127.0.0.1' };
    expect(await registeredPasskey(key.register(at), { ...expected, origin: at.origin })).toBeUndefined();
  });
});

describe('an answer with any one change', () => {
  type Answer = { response: Record<string, string> } & Record<string, unknown>;
  /** r and s of an ECDSA signature in DER, without what keeps them from being negative. */
  const numbersOf = (signature: string) => {
    const der = Buffer.from(signature, 'base64url');
    const [r, s] = [der.subarray(4, 4 + der.readUInt8(3)), der.subarray(6 + der.readUInt8(3))];
    return [r, s].map((number) => number.subarray(number.findIndex((byte) => byte !== 0)));
  };
  const SIGNED = ['clientDataJSON', 'authenticatorData', 'signature'] as const;

  it('of 10,000 neither proves anything nor throws, but for those that spell the same ECDSA signature otherwise', async () => {
    const ed = new SecurityKey('EdDSA');
    const es = new SecurityKey('ES256');
    const cases = await Promise.all(
      [ed, es].map(async (each) => ({ kept: await keptOf(each), answer: JSON.parse(each.assert(ceremony)) as Answer })),
    );
    const es256 = cases[1]?.kept;
    // The library's reader of DER forgives wrong headers and bytes behind: r and s are what was signed. Nothing is won by it, as the
    // challenge is spent, not the signature.
    const numbers = numbersOf(cases[1]?.answer.response.signature ?? '');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...cases),
        fc.constantFrom(...SIGNED),
        fc.nat(),
        fc.constantFrom('flip', 'cut', 'insert', 'drop'),
        fc.integer({ min: 1, max: 255 }),
        async ({ kept, answer }, field, place, how, value) => {
          const before = Buffer.from(answer.response[field] ?? '', 'base64url');
          const at = place % before.length;
          const byte = before[at] ?? 0;
          const [head, tail] = [before.subarray(0, at), before.subarray(at + 1)];
          const after =
            how === 'flip'
              ? Buffer.concat([head, Buffer.of(byte ^ value), tail])
              : how === 'cut'
                ? head
                : how === 'insert'
                  ? Buffer.concat([head, Buffer.of(value, byte), tail])
                  : Buffer.concat([head, tail]);
          const altered = { ...answer, response: { ...answer.response, [field]: after.toString('base64url') } };
          const { verdict } = await assertedPasskey(JSON.stringify(altered), kept, expected, true);
          const sameNumbers =
            field === 'signature' && kept === es256 && numbers.every((number) => after.includes(number));
          if (!sameNumbers) expect(verdict).toBe('refused');
        },
      ),
      { numRuns: 10_000, seed: 20_261_129 },
    );
  });

  it('of a registration never throws, and registers what can be used', async () => {
    const answer = JSON.parse(key.register(ceremony)) as Answer;
    const before = Buffer.from(answer.response.attestationObject ?? '', 'base64url');
    await fc.assert(
      fc.asyncProperty(fc.nat(before.length - 1), fc.integer({ min: 1, max: 255 }), async (at, value) => {
        const after = Buffer.from(before);
        after[at] = (after[at] ?? 0) ^ value;
        const response = { ...answer.response, attestationObject: after.toString('base64url') };
        const passkey = await registeredPasskey(JSON.stringify({ ...answer, response }), expected);
        expect(passkey?.credentialId ?? answer.id).toBe(answer.id);
      }),
      { numRuns: 2_000, seed: 20_261_129 },
    );
  });
});
