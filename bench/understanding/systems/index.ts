import { linear } from './linear.ts';
import { nlpjs } from './nlpjs.ts';
import type { System } from './system.ts';
import { withNet } from './with-net.ts';

/** Every system that is measured, by the name for the command line; `start`: another start of the net. */
export const SYSTEMS: Readonly<Record<string, (start?: string) => System>> = {
  linear: () => linear,
  net: withNet,
  nlpjs: () => nlpjs,
};
