import { promotionsOf, standing, type Promotion } from '../../../shared/models/promotions.ts';
import { withLog } from '../../connection.ts';
import { columns, paint, print, printJson } from '../../terminal.ts';
import { short } from './named.ts';
import type { BotOptions } from './options.ts';

/** `turnstream models list-versions`: every promotion of a bot, newest first, and which one counts. */
export async function listVersions({ bot, tenant, json, ...places }: BotOptions): Promise<void> {
  const history = await withLog(places, ({ nc }) => promotionsOf(nc, bot, tenant ? { tenant } : {}).history());
  if (json) {
    const current = history.at(-1);
    printJson({ bot, current: current?.model ?? null, canary: current?.canary ?? null, promotions: history });
    return;
  }
  if (history.length === 0) {
    print(`No model of ${bot} was promoted here.`);
    return;
  }
  const back = standing(history).at(-2);
  const rows = history.toReversed().map((it, i) => [i === 0 ? '→' : '', ...row(it)]);
  const [head = '', ...lines] = columns([['', 'MODEL', 'CANARY', 'WHEN', 'HOW', 'BY', 'WHY'], ...rows]);
  print(paint('bold', head));
  for (const line of lines) print(line);
  if (back) print(paint('dim', `a rollback goes to ${short(back.model)}`));
}

const row = ({ model, canary, time, how, by, reason }: Promotion): readonly string[] => [
  short(model),
  canary ? `${short(canary.model)} ${Math.round(canary.share * 100)} %` : '',
  time.slice(0, 19).replace('T', ' '),
  how,
  by,
  reason,
];
