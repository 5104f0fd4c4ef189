import { banking77 } from './banking77.ts';
import { clinc150 } from './clinc150.ts';
import { helpdesk } from './helpdesk.ts';
import { hint3 } from './hint3.ts';
import { hwu64 } from './hwu64.ts';
import { multidogo } from './multidogo.ts';
import type { BenchSet } from './set.ts';
import { smaller } from './smaller.ts';

/** Every set, by the name of its family; read when it is called for. */
export const SETS: Readonly<Record<string, () => readonly BenchSet[] | Promise<readonly BenchSet[]>>> = {
  banking77,
  clinc150,
  hwu64,
  hint3,
  helpdesk,
  multidogo,
  smaller,
};
