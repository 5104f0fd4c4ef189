import { describe, expect, it } from 'vitest';
import { inspectBot } from './assemble.ts';
import { textsOf, FILES } from './little-bot.ts';
import { parseBot } from './parse.ts';

const assembled = (voice: string) => inspectBot(textsOf({ bot: `${FILES.bot}${voice}` }));

describe('what a bot says of the telephone', () => {
  it('is read, in milliseconds, and is still there once it was stored', () => {
    const { bot, issues } = assembled(`voice:
  greeting: utter_greet
  after_words: 700ms
  longest: 20s
  between_keys: 2s
  questions:
    order_number: { after_words: 1500ms, keys: 10 }
`);
    expect(issues).toEqual([]);
    expect(bot?.settings.voice).toEqual({
      greeting: 'utter_greet',
      afterWordsMs: 700,
      longestMs: 20_000,
      betweenKeysMs: 2_000,
      questions: { order_number: { afterWordsMs: 1_500, keys: 10 } },
    });
    expect(parseBot(JSON.stringify(bot)).settings.voice).toEqual(bot?.settings.voice);
  });

  it.each([
    ['voice: { greeting: utter_gret }', 'domain.yml has no response utter_gret'],
    ['voice: { questions: { order_nmber: { keys: 1 } } }', 'unknown slot order_nmber'],
    ['voice: { after_words: 700 }', undefined],
    ['voice: { longest: 10m }', undefined],
    ['voice: { longest: 301s }', 'at most 5 minutes'],
    ['voice: { patience: 1s }', undefined],
  ])('is refused where it is wrong: %s', (voice, message) => {
    const { bot, issues } = assembled(`${voice}\n`);
    expect(bot).toBeUndefined();
    expect(issues.length).toBe(1);
    if (message !== undefined) expect(issues[0]?.message).toContain(message);
  });
});
