import type { Bot, SlotRule } from '../../shared/bot/bot.ts';
import { programOf } from '../../shared/bot/program.ts';
import { OPTION_PREFIX } from '../../shared/bot/standard.ts';
import { PERSONAL } from '../../shared/nlu/entities/builtin/dimensions.ts';
import type { Personal } from './mask.ts';
import type { Wish } from './prompt.ts';

/**
 * The values of a conversation's slots that may tell who the customer is: those that are filled from personal entities,
 * and whole answers in the customer's own words, such as a name.
 */
export function personalSlots(bot: Bot, slots: Readonly<Record<string, string>>): readonly Personal[] {
  const dimensions = new Map(bot.entities.map(({ name, dimension }) => [name, dimension]));
  const kindOf = ({ type, fill }: SlotRule): string | undefined => {
    const filled = fill.map((it) => (it.from === 'entity' ? dimensions.get(it.entity) : undefined));
    const dimension = filled.find((it) => it !== undefined && PERSONAL.has(it));
    return dimension ?? (type === 'text' && fill.some(({ from }) => from === 'text') ? 'said' : undefined);
  };
  return bot.slots.flatMap((slot) => {
    const kind = kindOf(slot);
    const value = Object.hasOwn(slots, slot.name) ? slots[slot.name] : undefined;
    return kind !== undefined && value !== undefined ? [{ kind, value }] : [];
  });
}

/** Intents in the words that a customer would see, and as customers say them. */
export function wishesOf(bot: Bot, intents: readonly string[], locale: string): readonly Wish[] {
  const { response, flowOf } = programOf(bot);
  const language = locale.split('-')[0];
  const spoken = <T extends { readonly locale: string }>(all: readonly T[]): readonly T[] => {
    const own = all.filter((it) => it.locale.split('-')[0] === language);
    return own.length > 0 ? own : all;
  };
  return intents.map((intent) => ({
    title: spoken(response(OPTION_PREFIX + intent))[0]?.text ?? flowOf(intent)?.name ?? intent.replaceAll('_', ' '),
    examples: spoken(bot.intents.find(({ name }) => name === intent)?.examples ?? []).map(({ text }) => text),
  }));
}
