import { masked, SEALED } from './masked.ts';

describe('what operators see', () => {
  it('is without secrets and digests, at any depth and however they are written', () => {
    expect(
      masked({
        keyId: 'k',
        digest: 'd',
        nested: [{ passwordHash: 'h', name: 'n' }, { sessionToken: 't' }, { SECRET: { deep: 's' } }],
        sealed: Buffer.from('x'),
      }),
    ).toEqual({
      keyId: 'k',
      digest: '[masked]',
      nested: [{ passwordHash: '[masked]', name: 'n' }, { sessionToken: '[masked]' }, { SECRET: '[masked]' }],
      sealed: '[masked]',
    });
  });

  it('shows that there is none where there is none, and leaves plain values as they are', () => {
    expect(masked({ digest: null, count: 0, when: null })).toEqual({ digest: null, count: 0, when: null });
    expect([masked('secret'), masked(7), masked(null), masked([1, 'a'])]).toEqual(['secret', 7, null, [1, 'a']]);
  });

  it('is of sealed personal data that it is sealed, whatever is asked of it', () => {
    expect([SEALED.email, SEALED.name]).toEqual(['[sealed]', '[sealed]']);
  });
});
