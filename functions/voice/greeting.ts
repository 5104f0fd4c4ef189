import type { Bot } from '../../shared/bot/bot.ts';

/** What callers hear first. */
export interface Greeting {
  readonly response: string;
  readonly text: string;
}

/** What a bot says as soon as somebody is on the line; undefined: it waits to be spoken to. */
export function greetingOf({ settings, responses, locales }: Bot, locale: string): Greeting | undefined {
  const response = settings.voice?.greeting;
  if (response === undefined) return undefined;
  const language = (tag: string) => tag.split('-', 1)[0];
  // Nothing is known yet that a condition could ask for.
  const sayable = (responses[response] ?? []).filter(
    ({ channel, condition }) => (channel ?? 'phone') === 'phone' && !condition,
  );
  const fits =
    sayable.find((v) => v.locale === locale) ??
    sayable.find((v) => language(v.locale) === language(locale)) ??
    sayable.find((v) => v.locale === locales[0]);
  return fits && { response, text: fits.text };
}
