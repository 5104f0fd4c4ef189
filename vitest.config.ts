import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{events,functions,shared,cli,bench,console}/**/*.test.ts', '*.test.ts'],
    globalSetup: './vitest.setup.ts',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two cores: more workers only make the real servers under test slower.
    maxWorkers: 2,
  },
});
