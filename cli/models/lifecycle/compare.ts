import { answersOf } from '../../../shared/models/answers.ts';
import { compareAnswers, type Comparison, type Latency } from '../../../shared/models/compare.ts';
import { withLog } from '../../connection.ts';
import { columns, number, paint, print, printJson } from '../../terminal.ts';
import { modelNamed, short } from './named.ts';
import type { LogOptions } from './options.ts';

export interface CompareOptions extends LogOptions {
  readonly since?: Date;
}

const SHOWN = 15;
const UNSURE = '(not recognised)';

/** `turnstream models compare`: what two models made of the same turns. */
export async function compareModels(a: string, b: string, { since, json, ...places }: CompareOptions): Promise<void> {
  const { models, comparison } = await withLog(places, async ({ nc, cipher }) => {
    const named = [await modelNamed(nc, a), await modelNamed(nc, b)] as const;
    const [ofA, ofB] = await answersOf(nc, named, { ...(since && { since }), ...(cipher && { cipher }) });
    if (!ofA || !ofB) throw new Error('two models were asked for');
    return { models: named, comparison: compareAnswers(ofA, ofB) };
  });
  if (json) printJson({ a: models[0], b: models[1], ...comparison });
  else tell(models, comparison);
}

function tell([a, b]: readonly [string, string], found: Comparison): void {
  const { turns, onlyA, onlyB, agreement, changed, latencyA, latencyB, differing } = found;
  print(`A ${short(a)}   ${latencyText(latencyA)}`);
  print(`B ${short(b)}   ${latencyText(latencyB)}`);
  print(
    `${paint('bold', `${(agreement * 100).toFixed(1)} % agreement`)} on ${number(turns)} turns; only A answered ${number(onlyA)}, only B ${number(onlyB)}`,
  );
  if (changed.length > 0) {
    const rows = changed.slice(0, SHOWN).map((it) => [number(it.turns), it.a ?? UNSURE, '→', it.b ?? UNSURE]);
    print();
    for (const line of columns([['TURNS', 'A', '', 'B'], ...rows])) print(line);
    print();
    const sessions = differing
      .slice(0, SHOWN)
      .map((it) => [it.tenant, it.session, it.turn, it.a ?? UNSURE, it.b ?? UNSURE]);
    for (const line of columns([['TENANT', 'SESSION TO LOOK AT', 'TURN', 'A', 'B'], ...sessions])) print(line);
    if (differing.length > SHOWN) print(paint('dim', `and ${number(differing.length - SHOWN)} more: --json`));
    print(paint('dim', 'what happened there: turnstream replay SESSION'));
  }
}

const latencyText = (it: Latency | undefined): string =>
  it
    ? `${it.of} p50 ${it.p50.toFixed(2)} ms, p95 ${it.p95.toFixed(2)} ms, p99 ${it.p99.toFixed(2)} ms`
    : 'no answers: try it out with `turnstream models shadow`';
