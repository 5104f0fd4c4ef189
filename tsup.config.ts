import { defineConfig } from 'tsup';

/** One bundle for each process: Node reads one file at start, and an image needs no node_modules beside it. */
export default defineConfig({
  entry: {
    intent: 'functions/intent/main.ts',
    entity: 'functions/entity/main.ts',
    policy: 'functions/policy/main.ts',
    reply: 'functions/reply/main.ts',
    turn: 'functions/main.ts',
    gateway: 'functions/gateway/main.ts',
    turnstream: 'cli/main.ts',
  },
  format: ['esm'],
  target: 'node24',
  outDir: 'dist',
  clean: true,
  sourcemap: true,
  splitting: false,
  noExternal: [/.*/],
  // Bundled CommonJS packages call require; an ES module has none of its own.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
