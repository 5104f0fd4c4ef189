import { answersOf } from '../../../shared/models/answers.ts';
import { compareAnswers } from '../../../shared/models/compare.ts';
import { artefactsOn } from '../../../shared/models/artefacts.ts';
import type { Bot } from '../../../shared/bot/bot.ts';
import { trainedClassifier } from '../../../functions/intent/trained.ts';
import { readAndTell } from '../../bot/data.ts';
import type { Operator } from '../../connection.ts';
import { UsageError } from '../../fault.ts';
import type { Measure, Rule } from './rule.ts';

/** What a rule says, what was measured, and whether it holds. */
export interface Judgement extends Rule {
  readonly measured: number;
  readonly holds: boolean;
}

export interface Judging {
  readonly model: string;
  /** The model that serves now. */
  readonly current: string | undefined;
  readonly bot: Bot;
  /** Labelled examples, for the accuracy. */
  readonly test?: string;
  readonly since?: Date;
}

/**
 * Measures what the rules ask for. `agreement` and `turns` are those of the turns that both the model, as a shadow or a
 * canary, and the one that serves have answered; `accuracy` is the share of a test file's examples that it understands.
 */
export async function judge(
  rules: readonly Rule[],
  { nc, cipher }: Operator,
  about: Judging,
): Promise<readonly Judgement[]> {
  const { model, current, bot, test, since } = about;
  const wants = (...measures: readonly Measure[]) => rules.some(({ measure }) => measures.includes(measure));
  const measured = new Map<Measure, number>();
  if (wants('agreement', 'turns')) {
    if (current === undefined) throw new UsageError('no model of the bot serves yet: there is nothing to agree with');
    const [a, b] = await answersOf(nc, [current, model], { ...(since && { since }), ...(cipher && { cipher }) });
    const comparison = a && b && compareAnswers(a, b);
    measured.set('agreement', comparison?.agreement ?? 0).set('turns', comparison?.turns ?? 0);
  }
  if (wants('accuracy')) {
    if (test === undefined) throw new UsageError('accuracy is measured on a file: name it with --test');
    const { examples, usable } = await readAndTell([test]);
    if (!usable) throw new UsageError(`${test} cannot be used`);
    const { classify } = trainedClassifier(bot, await artefactsOn(nc).get(model));
    const right = await Promise.all(
      examples.map(async ({ text, intent }) => (await classify(text, ''))[0]?.intent === intent),
    );
    measured.set('accuracy', right.filter(Boolean).length / right.length);
  }
  return rules.map((rule) => {
    const value = measured.get(rule.measure) ?? 0;
    return { ...rule, measured: value, holds: value >= rule.least };
  });
}
