import { hash } from 'node:crypto';
import { join } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Bot } from '../../shared/bot/bot.ts';
import { loadBot } from '../../shared/bot/load.ts';
import { examplesOf } from '../../shared/models/publish.ts';
import { SEED } from '../../shared/models/seed.ts';
import { rehearse } from '../../shared/nlu/confidence/rehearse.ts';
import { bestOf } from '../../shared/nlu/confidence/softmax.ts';
import { linearScorer, trainLinear } from '../../shared/nlu/linear/train.ts';
import { encodeModel } from '../../shared/nlu/model/encode.ts';
import { trainIntentModel } from '../../shared/nlu/model/intent-model.ts';
import { plainText } from '../../shared/nlu/text/plain.ts';
import type { Ranked } from './classifier.ts';
import { hardHeldOut, nearOutOfScope } from './heldout-hard.ts';
import { heldOut, outOfScope } from './heldout.ts';
import { trainedClassifier } from './trained.ts';

let bot: Bot;
let classify: (text: string) => readonly Ranked[];

const modelOf = (of: Bot): Uint8Array => encodeModel(trainIntentModel(examplesOf(of), { seed: SEED }));
const classifierOf = (of: Bot): typeof classify => {
  const classifier = trainedClassifier(of, modelOf(of));
  return (text) => {
    const ranked = classifier.classify(text, 'en');
    if (ranked instanceof Promise) throw new Error('this classifier answers at once');
    return ranked;
  };
};
beforeAll(async () => {
  bot = await loadBot(join(import.meta.dirname, '../../bots/shop-helpdesk'));
  classify = classifierOf(bot);
});

/** The intent that the bot would act upon. */
const understood = (text: string): string | undefined => {
  const [best] = classify(text);
  return best && best.confidence >= bot.settings.threshold ? best.intent : undefined;
};
const share = <T>(of: readonly T[], is: (one: T) => boolean): number => of.filter(is).length / of.length;
const flat = (by: Readonly<Record<string, readonly string[]>>): readonly { intent: string; text: string }[] =>
  Object.entries(by).flatMap(([intent, texts]) => texts.map((text) => ({ intent, text })));

describe('on sentences it was not trained on', () => {
  it('shares none of them with the examples', () => {
    const examples = new Set(bot.intents.flatMap((it) => it.examples.map(({ text }) => plainText(text))));
    expect(flat(heldOut).filter(({ text }) => examples.has(plainText(text)))).toEqual([]);
    expect(flat(hardHeldOut).filter(({ text }) => examples.has(plainText(text)))).toEqual([]);
  });

  it('understands nine in ten, and four in five of the hard ones', () => {
    expect(share(flat(heldOut), ({ intent, text }) => understood(text) === intent)).toBeGreaterThanOrEqual(0.9);
    expect(share(flat(hardHeldOut), ({ intent, text }) => understood(text) === intent)).toBeGreaterThanOrEqual(0.8);
  });

  it('is hardly ever sure of the wrong intent', () => {
    const all = [...flat(heldOut), ...flat(hardHeldOut)];
    expect(share(all, ({ intent, text }) => (understood(text) ?? intent) !== intent)).toBeLessThanOrEqual(0.02);
  });

  it('turns away nineteen in twenty of what is out of scope, and three in four of what only sounds like it', () => {
    expect(share(outOfScope, (text) => understood(text) === undefined)).toBeGreaterThanOrEqual(0.95);
    expect(share(nearOutOfScope, (text) => understood(text) === undefined)).toBeGreaterThanOrEqual(0.75);
  });

  it('finds the intent of four in five examples of its own in five-fold cross-validation', () => {
    const examples = bot.intents.flatMap((intent, label) => intent.examples.map(({ text }) => ({ label, text })));
    const right = rehearse(examples, bot.intents.length, {
      folds: 5,
      seed: 1,
      train: (texts, classes) => linearScorer(trainLinear(texts, classes, { seed: 1 })),
    }).map(({ scores, label }) => bestOf(scores) === label);
    expect(share(right, (it) => it)).toBeGreaterThanOrEqual(0.8);
  });
});

describe('on sentences of its own', () => {
  it('is certain of every one', () => {
    const unsure = bot.intents.flatMap(({ name, examples }) =>
      examples.filter(({ text }) => {
        const [best] = classify(text);
        return best?.intent !== name || best.confidence !== 1;
      }),
    );
    expect(unsure).toEqual([]);
  });

  it('does not mind case, punctuation, width of letters or the order number', () => {
    for (const text of [
      'WHERE IS MY PARCEL???',
      'ｗｈｅｒｅ　ｉｓ　ｍｙ　ｐａｒｃｅｌ',
      'Wheres my refund',
      '我要退货！！',
      'cancel TS 9999 8888',
    ]) {
      expect(classify(text)[0]?.confidence).toBe(1);
    }
  });

  it('takes an order number alone for no intent', () => {
    for (const text of ['TS12345678', '20314455', '１２３４５６７８', '订单号是 TS12345678'])
      expect(understood(text)).toBeUndefined();
  });
});

describe('whatever it is given', () => {
  const odd = [
    '',
    ' ',
    '😀🎉',
    '\ud83d',
    '\udc00\ud800',
    '\u0000\u001b[31m',
    '?!',
    '\u0301'.repeat(50),
    '️',
    'مرحبا كيف',
    'שלום',
    '\u202e\u200f',
  ];
  it.each(odd)('has an answer, and none to what is no word: %j', (text) => {
    expect(classify(text)).toEqual([]);
  });

  it.each([
    'a ',
    '退款',
    'where is my parcel ',
    '0',
    '\ud83d',
    'ﷺ',
    '\u0301\u0316',
    "'",
    'مرحبا ',
    'a\u202eש',
    '不用退款，',
    "don't cancel ",
  ])('reads 10,000 characters of %j in bounded time', (text) => {
    const started = performance.now();
    classify(text.repeat(10_000 / text.length));
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test.prop([fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', maxLength: 40 }))])(
    'ranks at most five intents it knows, best first, each between 0 and 1',
    (text) => {
      const ranked = classify(text);
      const confidences = ranked.map(({ confidence }) => confidence);
      expect(ranked.length).toBeLessThanOrEqual(5);
      expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
      expect(confidences.every((it) => it >= 0 && it <= 1)).toBe(true);
      const names = bot.intents.map(({ name }) => name);
      expect(ranked.filter(({ intent }) => !names.includes(intent))).toEqual([]);
    },
  );
});

describe('a model', () => {
  it('is named after its bytes', () => {
    const bytes = modelOf(bot);
    expect(trainedClassifier(bot, bytes).model).toBe(`intents@${hash('sha256', bytes).slice(0, 12)}`);
  });

  it('comes out the same every time', () => {
    const again = classifierOf(bot);
    for (const { text } of flat(hardHeldOut)) expect(again(text)).toEqual(classify(text));
  });

  it('can be made of a bot with hardly anything in it', () => {
    const hello = { name: 'greet', examples: [{ locale: 'en', text: 'hello there' }] };
    const bye = { name: 'bye', examples: [{ locale: 'en', text: 'see you' }] };
    expect(classifierOf({ ...bot, intents: [] })('hello')).toEqual([]);
    expect(classifierOf({ ...bot, intents: [{ name: 'empty', examples: [] }] })('hello')).toEqual([]);
    expect(classifierOf({ ...bot, intents: [hello] })('hello')[0]?.intent).toBe('greet');
    expect(classifierOf({ ...bot, intents: [bye, hello] })('well hello there')[0]?.intent).toBe('greet');
  });
});
