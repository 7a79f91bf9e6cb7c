import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { looksLikeApiKey, newApiKey } from './api-key.ts';
import { keyRing, masterKeysOf, masterRing, nextStep, ringNames, ringOf, stepped } from './key-ring.ts';
import { keyedDigest } from './keyed-digest.ts';
import { isLinkToken, linkToken } from './link-token.ts';

const [OLD, NEW] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
const faults = (text: string) =>
  keyRing()
    .safeParse(text)
    .error?.issues.map(({ message }) => message) ?? [];

describe('the keys of the installation', () => {
  it('are one for all purposes, as they were', () => {
    expect(faults(OLD)).toEqual([]);
    for (const purpose of ['checks', 'links', 'seals', 'digests'] as const) expect(ringOf(OLD, purpose)).toEqual([OLD]);
  });

  it('rotate purpose by purpose', () => {
    const ring = `links:${NEW},${OLD}`;
    expect(faults(ring)).toEqual([]);
    expect([ringOf(ring, 'links'), ringOf(ring, 'checks')]).toEqual([[NEW, OLD], [OLD]]);
  });

  it('rotate together, but for digests, which are found by the key that they name', () => {
    expect(faults(`${NEW},${OLD}`)).toEqual([expect.stringContaining('several keys for digests')]);
    const ring = `digests:${OLD},${NEW},${OLD}`;
    expect(faults(ring)).toEqual([]);
    expect([ringOf(ring, 'digests'), ringOf(ring, 'seals')]).toEqual([[OLD], [NEW, OLD]]);
  });

  it.each(['', 'short', `${OLD},`, `mails:${OLD}`, `links:${OLD}`, `digests:${OLD},digests:${NEW},${OLD}`])(
    'are refused where a purpose has none, or they are none: %j',
    (text) => {
      expect(faults(text)).not.toEqual([]);
    },
  );
});

describe('a ring that gets another key', () => {
  const names = (ring: string, purpose: 'links' | 'checks' = 'links') => ringNames(ring, purpose);
  const [older, newer] = names(`${OLD},links:${NEW}`);

  it('accepts it, makes by it, and lets the older go, in three steps that leave other purposes alone', () => {
    const [added, used, dropped] = [0, 1, 2].reduce<string[]>(
      (rings) => [...rings, stepped(rings.at(-1) ?? OLD, 'links', NEW)],
      [],
    ) as [string, string, string];
    expect([added, used, dropped].map((ring) => names(ring))).toEqual([[older, `+${newer}`], [newer, older], [newer]]);
    expect([OLD, added, used, dropped].map((ring) => nextStep(names(ring)))).toEqual(['add', 'use', 'drop', 'add']);
    for (const ring of [added, used, dropped])
      expect([faults(ring), ringOf(ring, 'checks'), ringOf(ring, 'digests')]).toEqual([[], [OLD], [OLD]]);
  });

  it('makes nothing by a key that not all may know, wherever it stands', () => {
    expect(ringOf(`links:+${NEW},${OLD}`, 'links')).toEqual([OLD, NEW]);
    expect(faults(`+${OLD}`)).not.toEqual([]);
  });

  it('is kept as it is where it wraps the keys of persons', () => {
    const used = stepped(stepped(OLD, 'master', NEW), 'master', '');
    expect(used).toBe(`${NEW},${OLD}`);
    expect(masterKeysOf({ masterKey: used }).map((key) => key.toString('base64url'))).toEqual([NEW, OLD]);
    for (const [ring, isOne] of [
      [OLD, true],
      [`${OLD},+${NEW}`, true],
      [`+${NEW}`, false],
      [`links:${OLD}`, false],
      ['', false],
    ] as const)
      expect([ring, masterRing().safeParse(ring).success]).toEqual([ring, isOne]);
  });
});

describe('what an older key has made', () => {
  const ring = `digests:${OLD},${NEW},${OLD}`;
  const [subject, other] = [
    { id: uuid(), eventId: uuid(), purpose: 'sign-up' as const },
    randomBytes(32).toString('base64url'),
  ];

  it('is accepted beside what the newer makes, and no longer when the older has left the ring', () => {
    const [before, after] = [newApiKey(OLD, 'rck', uuid()).secret, newApiKey(ring, 'rck', uuid()).secret];
    const checked = (keys: string) => [before, after].map((secret) => looksLikeApiKey(keys, 'rck', secret));
    expect([checked(OLD), checked(ring), checked(NEW), checked(other)]).toEqual([
      [true, false],
      [true, true],
      [false, true],
      [false, false],
    ]);
    const [sent, next] = [linkToken(OLD, subject), linkToken(ring, subject)];
    const opens = (keys: string) => [sent, next].map((token) => isLinkToken(keys, token, subject));
    expect([opens(OLD), opens(ring), opens(NEW), opens(other)]).toEqual([
      [true, false],
      [true, true],
      [false, true],
      [false, false],
    ]);
  });

  it('is found by its digest', () => {
    expect(keyedDigest(ring, 'email', 'ada@example.com')).toBe(keyedDigest(OLD, 'email', 'ada@example.com'));
  });
});
