import { mkdirSync, rmSync } from 'node:fs';
import { ConsoleInBrowser } from '../../e2e/console/console.fixture.ts';
import { LOOKS, peopled, pictured } from '../../e2e/console/pictures.ts';

// A program: pictures of every page, light and dark, wide and narrow, into docs/console/pictures.
const TO = 'docs/console/pictures';
rmSync(TO, { recursive: true, force: true });
mkdirSync(TO, { recursive: true });
const it = await ConsoleInBrowser.start();
try {
  const { ada, pages } = await peopled(it);
  for (const picture of pages)
    for (const look of LOOKS) {
      const page = await pictured(it, ada, picture, look);
      await page.screenshot({ path: `${TO}/${picture.name}-${look.name}.png` });
      await it.closeAll();
    }
  console.log(`${pages.length * LOOKS.length} pictures in ${TO}.`);
} finally {
  await it.dispose();
}
