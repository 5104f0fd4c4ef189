import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{events,functions,shared,cli,bench,console,training,images}/**/*.test.ts', '*.test.ts'],
    globalSetup: './vitest.setup.ts',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Real servers and processes are under test: side by side they would only wait for one another.
    maxWorkers: 1,
    expect: { poll: { timeout: 10_000 } },
  },
});
