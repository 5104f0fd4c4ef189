import { rows, type BenchSet } from './set.ts';

const OUTSIDE = 'NO_NODES_DETECTED';
const GOALS = { curekart: 88, sofmattress: 78, powerplay11: 68 };

/** Arora et al. 2020, ODbL 1.0: real traffic of three shops; a third to two thirds of it out of scope. */
export const hint3 = (): readonly BenchSet[] =>
  Object.entries(GOALS).map(([name, accuracy]) => {
    const test = rows(`hint3-${name}/test.jsonl`);
    const outside = test.filter(({ intent }) => intent === OUTSIDE).map(({ text }) => text);
    return {
      name: `hint3 ${name}`,
      train: rows(`hint3-${name}/train.jsonl`),
      test: test.filter(({ intent }) => intent !== OUTSIDE),
      outside: { train: [], validation: [], test: outside },
      goals: { accuracy },
    };
  });
