import { banking77 } from './banking77.ts';
import { clinc150 } from './clinc150.ts';
import { helpdesk } from './helpdesk.ts';
import { hint3 } from './hint3.ts';
import { hwu64 } from './hwu64.ts';
import { multidogo, multidogoOthers } from './multidogo.ts';
import type { BenchSet } from './set.ts';
import { smaller } from './smaller.ts';

/** The sets that have goals, by the name of their family; read when they are called for. */
export const WITH_GOALS = { banking77, clinc150, hwu64, hint3, helpdesk, multidogo };

/** Every set. */
export const SETS: Readonly<Record<string, () => readonly BenchSet[] | Promise<readonly BenchSet[]>>> = {
  ...WITH_GOALS,
  'multidogo-others': multidogoOthers,
  smaller,
};
