import { userInfo } from 'node:os';
import { trainedClassifier } from '../../../functions/intent/trained.ts';
import { PlatformError } from '../../../shared/errors/index.ts';
import { artefactsOn } from '../../../shared/models/artefacts.ts';
import {
  EVERY_TENANT,
  promotionsOf,
  standing,
  type ModelPromoted,
  type Promotion,
} from '../../../shared/models/promotions.ts';
import { withLog, type Operator } from '../../connection.ts';
import { UsageError } from '../../fault.ts';
import { columns, paint, print, printJson } from '../../terminal.ts';
import { botNamed, modelNamed, short } from './named.ts';
import type { BotOptions } from './options.ts';
import type { Rule } from './rule.ts';
import { judge, type Judgement } from './judge.ts';

interface ChangeOptions extends BotOptions {
  readonly by?: string;
  readonly reason?: string;
}

export interface PromoteOptions extends ChangeOptions {
  /** Per cent of the sessions. */
  readonly canary?: number;
  readonly if?: readonly Rule[];
  readonly test?: string;
  readonly since?: Date;
}

/**
 * `turnstream models promote`: a bot understands with this model from now on, or a share of its sessions does. Refused
 * where a rule does not hold, or the model does not fit the bot. Returns the exit code.
 */
export async function promoteModel(beginning: string, options: PromoteOptions): Promise<number> {
  const { canary, if: rules = [], json } = options;
  const { promoted, judgements } = await withLog(options, async (operator) => {
    const model = await modelNamed(operator.nc, beginning);
    const bot = await botNamed(operator.nc, options.bot);
    // Read as a function would read it: what cannot be used is refused here, and not first by every function.
    trainedClassifier(bot, await artefactsOn(operator.nc).get(model));
    const { promotions, history } = await promotionsFor(operator, options);
    const serving = await servingNow(operator, options, history);
    const judgements = await judge(rules, operator, {
      model,
      current: serving?.model,
      bot,
      ...(options.test !== undefined && { test: options.test }),
      ...(options.since && { since: options.since }),
    });
    if (!judgements.every(({ holds }) => holds)) return { judgements };
    if (canary !== undefined && !serving) throw new UsageError('a canary needs a model that serves the other sessions');
    const chosen =
      canary !== undefined && serving ? { model: serving.model, canary: { model, share: canary / 100 } } : { model };
    const promoted = { ...chosen, how: 'promoted' as const, ...whoAndWhy(options, 'promoted by hand') };
    await promotions.promote(promoted, history.at(-1)?.position ?? 0);
    return { promoted, judgements };
  });
  if (json) printJson({ promoted: promoted ?? null, rules: judgements });
  else tell(options.bot, promoted, judgements);
  return promoted ? 0 : 1;
}

/** `turnstream models rollback`: takes the last promotion back, a canary first of all. */
export async function rollBack(options: ChangeOptions): Promise<number> {
  const back = await withLog(options, async (operator) => {
    const { promotions, history } = await promotionsFor(operator, options);
    const before = standing(history).at(-2);
    if (!before) {
      throw new PlatformError('models.nothing-before', `no model of ${options.bot} was promoted before this one`, {
        retry: 'never',
      });
    }
    const chosen = { model: before.model, ...(before.canary && { canary: before.canary }) };
    const promoted = { ...chosen, how: 'rolled-back' as const, ...whoAndWhy(options, 'rolled back by hand') };
    await promotions.promote(promoted, history.at(-1)?.position ?? 0);
    return promoted;
  });
  if (options.json) printJson({ promoted: back });
  else tell(options.bot, back, []);
  return 0;
}

async function promotionsFor({ nc }: Operator, { bot, tenant }: BotOptions) {
  const promotions = promotionsOf(nc, bot, tenant ? { tenant } : {});
  return { promotions, history: await promotions.history() };
}

/** What serves a tenant without a promotion of its own is what serves every tenant. */
async function servingNow(
  { nc }: Operator,
  { bot, tenant = EVERY_TENANT }: BotOptions,
  history: readonly Promotion[],
): Promise<Promotion | undefined> {
  if (history.length > 0 || tenant === EVERY_TENANT) return history.at(-1);
  return (await promotionsOf(nc, bot).history()).at(-1);
}

const whoAndWhy = ({ by = userInfo().username, reason }: ChangeOptions, otherwise: string) => ({
  by,
  reason: reason ?? otherwise,
});

function tell(bot: string, promoted: Omit<ModelPromoted, 'bot'> | undefined, judgements: readonly Judgement[]): void {
  const rows = judgements.map(({ measure, least, measured, holds }) => [
    paint(holds ? 'green' : 'red', holds ? '✓' : '✗'),
    measure,
    String(Number(measured.toFixed(4))),
    `at least ${least}`,
  ]);
  for (const line of columns(rows)) print(line);
  if (!promoted) {
    print(`${paint('red', 'refused')}: nothing has changed`);
    return;
  }
  const { model, canary } = promoted;
  print(`${paint('green', 'promoted')}: ${bot} understands with ${short(model)}`);
  if (canary) print(`and ${short(canary.model)} in ${Number((canary.share * 100).toFixed(2))} % of the sessions`);
}
