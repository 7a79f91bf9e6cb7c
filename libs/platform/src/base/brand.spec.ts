import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brandFile, readBrand } from './brand.ts';

const BRAND = {
  name: 'Meridian',
  logo: 'logo.svg',
  accent: { light: '#005500', dark: '#88ff88' },
  supportUrl: 'https://help.example.com',
  mailFooter: 'Meridian, 1 Long Street',
};

describe('a brand', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-brand-'));
  const written = (brand: object) => {
    const file = join(folder, 'brand.json');
    writeFileSync(file, JSON.stringify(brand));
    return file;
  };
  beforeAll(() => {
    writeFileSync(join(folder, 'logo.svg'), '<svg/>');
  });

  it('is ours where nothing is said', () => {
    expect(readBrand()).toMatchObject({ name: 'Rollcall', logo: expect.stringContaining('<svg') as string });
  });

  it('comes from one file, with its picture beside it', () => {
    expect(readBrand(written(BRAND))).toEqual({ ...BRAND, logo: '<svg/>' });
  });

  it.each([
    ['a colour that is none', { accent: { light: 'red;}body{display:none', dark: '#000000' } }, 'must be a colour'],
    ['a link that is none', { supportUrl: 'javascript:alert(1)' }, 'supportUrl'],
    ['a picture that is not there', { logo: 'none.svg' }, 'ENOENT'],
    ['a word that nobody knows', { colour: 'red' }, 'colour'],
  ])('refuses %s, when a service starts', (_what, part, said) => {
    const { error } = brandFile().safeParse(written({ ...BRAND, ...part }));
    expect(error?.message).toContain('cannot be read');
    expect(error?.message).toContain(said);
  });
});
