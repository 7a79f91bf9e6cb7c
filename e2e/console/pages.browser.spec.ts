import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { SignedUp } from '#testing';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { ConsoleInBrowser, findings, overflow } from './console.fixture.ts';
import { LOOKS, peopled, type Picture, pictured } from './pictures.ts';

/** Of the pixels of a picture: dates and ids differ from run to run, letters a little from browser to browser. */
const UNLIKE_MAX = 0.005;
const KEPT = 'e2e/console/kept';
/** In light and wide, and in dark and narrow. */
const COMPARED = ['sign-in', 'keys', 'create-key', 'job', 'members', 'settings'];
const COMPARED_LOOKS = ['light-1280', 'dark-360'];

/** Every page, as everybody meets it. Pictures that have changed on purpose are kept anew by `KEEP_PICTURES=1 npm run test:browser`. */
describe('every page', () => {
  let it_: ConsoleInBrowser;
  let ada: SignedUp;
  let pages: readonly Picture[];

  beforeAll(async () => {
    it_ = await ConsoleInBrowser.start();
    ({ ada, pages } = await peopled(it_));
  });
  afterEach(() => it_.closeAll());
  afterAll(() => it_.dispose());

  it('can be used by everybody, in light and dark, wide and narrow, and goes beyond no edge, nor where it is enlarged four times', async () => {
    const found: Record<string, string[]> = {};
    const beyond: Record<string, number> = {};
    for (const picture of pages) {
      const page = await pictured(it_, ada, picture, {});
      const noted = async (name: string) => {
        const px = await overflow(page);
        if (px > 0) beyond[`${picture.name} ${name}`] = px;
      };
      for (const { name, theme, width = 0 } of LOOKS) {
        await page.emulateMedia({ colorScheme: theme ?? null });
        await page.setViewportSize({ width, height: 900 });
        const faults = await findings(page);
        if (faults.length > 0) found[`${picture.name} ${name}`] = faults;
        await noted(name);
      }
      for (const height of [640, 256]) {
        await page.setViewportSize({ width: 320, height });
        await noted(`320x${height}`);
      }
      await it_.closeAll();
    }
    expect(found).toEqual({});
    expect(beyond).toEqual({});
    expect(it_.stopped).toEqual([]);
  });

  it('looks as it looked before', async () => {
    mkdirSync(KEPT, { recursive: true });
    const unlike: Record<string, number> = {};
    for (const picture of pages.filter(({ name }) => COMPARED.includes(name)))
      for (const look of LOOKS.filter(({ name }) => COMPARED_LOOKS.includes(name))) {
        const page = await pictured(it_, ada, picture, look);
        const now = await page.screenshot({ animations: 'disabled', caret: 'hide' });
        const file = `${KEPT}/${picture.name}-${look.name}.png`;
        if (process.env.KEEP_PICTURES === '1') writeFileSync(file, now);
        expect(existsSync(file)).toBe(true);
        const share = difference(readFileSync(file), now);
        if (share > UNLIKE_MAX) unlike[`${picture.name}-${look.name}`] = share;
        await it_.closeAll();
      }
    expect(unlike).toEqual({});
  });
});

/** The share of pixels that are another colour; 1 where the sizes differ. */
function difference(before: Buffer, after: Buffer): number {
  const [a, b] = [PNG.sync.read(before), PNG.sync.read(after)];
  if (a.width !== b.width || a.height !== b.height) return 1;
  return pixelmatch(a.data, b.data, undefined, a.width, a.height, { threshold: 0.2 }) / (a.width * a.height);
}
