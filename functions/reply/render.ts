import type { Message } from '../../events/fields.ts';
import type { Bot } from '../../shared/bot/bot.ts';

/**
 * A response in words: the first variant in the customer's language, else in the language before the region, else in
 * the bot's first one. `{slot}` is replaced by its value; an unknown slot by nothing. Empty for an unknown response.
 */
export function render(bot: Bot, response: string, locale: string, slots: Readonly<Record<string, string>>): Message[] {
  const variants = bot.responses[response] ?? [];
  const language = locale.split('-')[0];
  const chosen =
    variants.find((v) => v.locale === locale) ??
    variants.find((v) => v.locale.split('-')[0] === language) ??
    variants.find((v) => v.locale === bot.locales[0]) ??
    variants[0];
  if (!chosen) return [];
  const text = chosen.text.replace(/\{([\p{L}\p{N}_]+)\}/gu, (_whole, slot: string) => slots[slot] ?? '');
  return [{ text, buttons: chosen.buttons.map(({ title, payload }) => ({ title, payload })) }];
}
