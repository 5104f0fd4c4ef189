import { linear } from './linear.ts';
import type { System } from './system.ts';

/** Every system that is measured. */
export const SYSTEMS: readonly System[] = [linear];
