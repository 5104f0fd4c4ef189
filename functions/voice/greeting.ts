import type { Bot } from '../../shared/bot/bot.ts';

/** What a bot says as soon as somebody is on the line; undefined: it waits to be spoken to. */
export function greetingOf({ settings, responses, locales }: Bot, locale: string): string | undefined {
  const variants = responses[settings.voice?.greeting ?? ''] ?? [];
  const language = (tag: string) => tag.split('-', 1)[0];
  // Nothing is known yet that a condition could ask for.
  const sayable = variants.filter(({ channel, condition }) => (channel ?? 'phone') === 'phone' && !condition);
  const fits =
    sayable.find((v) => v.locale === locale) ??
    sayable.find((v) => language(v.locale) === language(locale)) ??
    sayable.find((v) => v.locale === locales[0]);
  return fits?.text;
}
