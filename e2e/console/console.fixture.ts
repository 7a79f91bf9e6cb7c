import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Product, type SignedUp, type Visitor } from '#testing';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How a page is looked at. */
export interface Look {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  readonly javaScript?: false;
}

/** The console of a product in a real browser, and what the browser complained of. */
export class ConsoleInBrowser {
  private readonly contexts: BrowserContext[] = [];
  /** What the Content-Security-Policy stopped: nothing, in a console that keeps to it. */
  readonly stopped: string[] = [];

  private constructor(
    readonly product: Product,
    private readonly browser: Browser,
  ) {}

  static async start(env: NodeJS.ProcessEnv = {}): Promise<ConsoleInBrowser> {
    const executablePath = execFileSync('tools/chromium/prepare.sh').toString().trim();
    const product = await Product.start({
      MAILS_PER_ADDRESS_AND_HOUR: '100',
      SIGN_UPS_PER_NETWORK_AND_HOUR: '1000',
      ...env,
    });
    return new ConsoleInBrowser(product, await chromium.launch({ executablePath, args: ['--no-sandbox'] }));
  }

  /** A browser of its own, at an address; signed in as a visitor, or as nobody. */
  async open(path: string, as?: Visitor | SignedUp, look: Look = {}): Promise<Page> {
    const { theme = 'light', width = 1280, height = 900, javaScript = true } = look;
    const context = await this.browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      reducedMotion: 'reduce',
      javaScriptEnabled: javaScript,
      permissions: ['clipboard-read', 'clipboard-write'],
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    this.contexts.push(context);
    const visitor = as && 'visitor' in as ? as.visitor : as;
    await context.addCookies(
      [...(visitor?.cookies ?? [])].map(([name, value]) => ({
        name,
        value,
        url: this.product.origin,
        sameSite: 'Lax' as const,
      })),
    );
    context.on('console', (message) => {
      if (/content.security.policy|trusted ?type/i.test(message.text())) this.stopped.push(message.text());
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(`${this.product.origin}${path}`);
    return page;
  }

  /** Another tab of the same browser. */
  async another(page: Page, path: string): Promise<Page> {
    const tab = await page.context().newPage();
    await tab.goto(`${this.product.origin}${path}`);
    return tab;
  }

  async closeAll(): Promise<void> {
    for (const context of this.contexts.splice(0)) await context.close();
  }

  async dispose(): Promise<void> {
    await this.closeAll();
    await this.browser.close();
    await this.product.dispose();
  }
}

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds against WCAG 2.2 A and AA and its best practices: nothing, on a page that everybody can use. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<{ violations: Finding[] }> } }).axe.run(),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  );
}

/** How far the page goes beyond its window to the side, px. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate('Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)');
