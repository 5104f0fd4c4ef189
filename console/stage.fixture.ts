import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { testPlatform } from '../cli/platform.fixture.ts';
import type { Platform } from '../cli/platform.ts';
import { BROWSER_ARGS, findBrowser } from '../shared/testing/browser.ts';

/** A platform, and people who look at its pages, for the tests of one file. */
export interface Stage {
  readonly platform: () => Platform;
  /** Where the platform keeps everything. */
  readonly dir: () => string;
  /** An empty page of somebody with a browser of their own. They leave with the end of the test. */
  readonly visitor: (options?: BrowserContextOptions) => Promise<Page>;
  /** The same, at a page of the platform. */
  readonly open: (path: string, options?: BrowserContextOptions) => Promise<Page>;
  /** Starts the platform that was stopped, at the same address and with what it had stored. */
  readonly startAgain: () => Promise<void>;
}

export interface StageOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Further arguments of the browser, made in the test's own folder. */
  readonly args?: (dir: string) => Promise<readonly string[]>;
}

/** Sooner than a test's own end, so that a failure says what was waited for. */
const PATIENCE_MS = 10_000;

const found = await findBrowser();

/** Why nothing can be looked at here; undefined: a browser is there. */
export const noBrowser = 'missing' in found ? found.missing : undefined;

/** Sets the stage before the first test, and fails each test in which a page complained. */
export function stage(name: string, { env = process.env, args }: StageOptions = {}): Stage {
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  let dir: string;
  let platform: Platform;
  let browser: Browser;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), `turnstream-${name}-`));
    platform = await testPlatform({ dir, env });
    browser = await chromium.launch({
      executablePath: 'path' in found ? found.path : '',
      args: [...BROWSER_ARGS, ...((await args?.(dir)) ?? [])],
    });
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await platform.stop();
    await rm(dir, { recursive: true, force: true });
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expect(complaints.splice(0)).toEqual([]);
  });

  const visitor = async (options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (m) => {
      // A browser reports each request that fails; those that a test makes fail are no complaint.
      if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) complaints.push(m.text());
    });
    return page;
  };
  return {
    dir: () => dir,
    platform: () => platform,
    visitor,
    async open(path, options) {
      const page = await visitor(options);
      await page.goto(platform.url + path);
      return page;
    },
    async startAgain() {
      platform = await testPlatform({ dir, env, port: Number(new URL(platform.url).port) });
    },
  };
}

/** An attribute of all that is found, read in one go: what goes away in between would be waited for. */
export const attributes = (all: Locator, name: string): Promise<readonly (string | null)[]> =>
  all.evaluateAll(
    (elements: readonly { getAttribute: (of: string) => string | null }[], of) =>
      elements.map((element) => element.getAttribute(of)),
    name,
  );
