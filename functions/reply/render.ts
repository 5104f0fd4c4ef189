import type { Said } from '../../events/decision.ts';
import type { Message } from '../../events/fields.ts';
import type { Bot, ResponseVariant } from '../../shared/bot/bot.ts';
import { programOf } from '../../shared/bot/program.ts';
import { OPTION_PREFIX } from '../../shared/bot/standard.ts';
import { unheardOf } from '../../shared/session/heard.ts';

/** To whom something is said. */
export interface Listener {
  readonly locale: string;
  readonly channel?: string | undefined;
}

/**
 * A response in words: the first variant in the customer's language, else in the language before the region, else in
 * the bot's first one; of these the first that is for the channel and whose condition holds. `{slot}` is replaced by its
 * value; an unknown slot by nothing. Empty for an unknown response.
 */
export function render(bot: Bot, { response, slots, options = [], heard = 0 }: Said, to: Listener): Message[] {
  const chosen = variantOf(bot, programOf(bot).response(response), slots, to);
  if (!chosen) return [];
  const text = unheardOf(filled(chosen.text, slots), heard);
  const buttons = chosen.buttons.map(({ title, payload }) => ({ title: filled(title, slots), payload }));
  const choices = options.map((intent) => ({ title: titleOf(bot, intent, to), payload: `/${intent}` }));
  return [{ text, buttons: [...buttons, ...choices] }];
}

function variantOf(
  bot: Bot,
  variants: readonly ResponseVariant[],
  slots: Said['slots'],
  { locale, channel }: Listener,
): ResponseVariant | undefined {
  const fitting = variants.filter(
    (it) =>
      (it.channel === undefined || it.channel === channel) &&
      Object.entries(it.condition ?? {}).every(([slot, value]) => slots[slot] === value),
  );
  const language = locale.split('-')[0];
  const spoken = [
    fitting.filter((v) => v.locale === locale),
    fitting.filter((v) => v.locale.split('-')[0] === language),
    fitting.filter((v) => v.locale === bot.locales[0]),
    fitting,
  ].find((them) => them.length > 0);
  // What was written for this channel or this case says more than what fits any.
  return spoken?.toSorted((a, b) => special(b) - special(a))[0];
}

const special = ({ channel, condition }: ResponseVariant): number => (channel ? 2 : 0) + (condition ? 1 : 0);

const filled = (text: string, slots: Said['slots']): string =>
  text.replace(/\{([\p{L}\p{N}_]+)\}/gu, (_whole, slot: string) => slots[slot] ?? '');

/** An intent on a button: in the bot's own words for it, the name of its flow, or an example in the language. */
function titleOf(bot: Bot, intent: string, to: Listener): string {
  const { response, flowOf } = programOf(bot);
  const words = variantOf(bot, response(OPTION_PREFIX + intent), {}, to)?.text;
  const language = to.locale.split('-')[0];
  const examples = bot.intents.find(({ name }) => name === intent)?.examples ?? [];
  const example = examples.find(({ locale }) => locale.split('-')[0] === language) ?? examples[0];
  return words ?? flowOf(intent)?.name ?? example?.text ?? intent;
}
