import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** People with a browser of their own each, and what their pages complained about. */
export interface Visitors {
  /** An empty page. */
  readonly open: (browser: Browser, options?: BrowserContextOptions) => Promise<Page>;
  /** Everybody leaves. Returns what was complained about since the last time: there should be nothing. */
  readonly leave: () => Promise<readonly string[]>;
}

const PATIENCE_MS = 10_000;

export function visitors(): Visitors {
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  return {
    async open(browser, options = {}) {
      const context = await browser.newContext({
        locale: 'en-GB',
        viewport: { width: 1280, height: 800 },
        ...options,
      });
      // Sooner than the test's own end, so that a failure says what was waited for.
      context.setDefaultTimeout(PATIENCE_MS);
      contexts.push(context);
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (m) => {
        // A browser reports each request that fails; those that a test makes fail are no complaint.
        if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) complaints.push(m.text());
      });
      return page;
    },
    async leave() {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
      return complaints.splice(0);
    },
  };
}

/** An attribute of all that is found, read in one go: what goes away in between would be waited for. */
export const attributes = (found: Locator, name: string): Promise<readonly (string | null)[]> =>
  found.evaluateAll(
    (all: readonly { getAttribute: (of: string) => string | null }[], of) => all.map((one) => one.getAttribute(of)),
    name,
  );
