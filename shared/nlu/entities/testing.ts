import type { Bot } from '../../bot/bot.ts';
import { testBot } from '../../testing/bot.ts';
import type { Dimension } from './builtin/dimensions.ts';

/** A bot that asks for built-in recognisers, each under its own name, and has no rules of its own. */
export const asking = (...dimensions: readonly Dimension[]): Bot => ({
  ...testBot,
  entities: dimensions.map((dimension) => ({ name: dimension, patterns: [], words: [], dimension })),
});
