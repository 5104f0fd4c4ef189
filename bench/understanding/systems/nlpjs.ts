import { containerBootstrap } from '@nlpjs/core';
import { LangEn } from '@nlpjs/lang-en';
import { LangZh } from '@nlpjs/lang-zh';
import { Nlp } from '@nlpjs/nlp';
import { chance, shuffled } from '../../../shared/chance/index.ts';
import type { System } from './system.ts';

/** How NLP.js calls what it does not know. */
const NONE = 'None';
const SEED = 1;

/** Its own defaults, but for a line on the terminal for each epoch. */
const SILENT = {
  keepStopwords: true,
  nonefeatureValue: 1,
  nonedeltaMultiplier: 1.2,
  spellCheck: false,
  spellCheckDistance: 1,
  filterZeros: true,
  log: false,
};

/**
 * NLP.js 4 (MIT) with its defaults, the corpus shuffled: grouped by intent, its trainer falls by 30 points. Its score
 * stands for confidence and probability, since it has nothing else.
 */
export const nlpjs: System = {
  name: 'NLP.js',
  mostIntents: 150,
  async train(examples, outside) {
    const container = await containerBootstrap();
    container.registerConfiguration('nlu-??', SILENT, true);
    for (const part of [Nlp, LangEn, LangZh]) container.use(part);
    const nlp = container.get('nlp');
    Object.assign(nlp.settings, { autoSave: false, autoLoad: false, log: false, nlu: { log: false }, forceNER: false });
    const chinese = examples.filter(({ text }) => /\p{Script=Han}/u.test(text)).length > examples.length / 2;
    const locale = chinese ? 'zh' : 'en';
    nlp.addLanguage(locale);
    const rows = [...examples, ...outside.map((text) => ({ text, intent: NONE }))];
    for (const { text, intent } of shuffled(rows, chance(SEED))) nlp.addDocument(locale, text, intent);
    await nlp.train();
    return {
      answer: async (text) => {
        const { intent, score } = await nlp.process(locale, text);
        const confidence = intent === NONE ? 0 : score;
        return { intent, confidence, probability: confidence };
      },
      bytes: Buffer.byteLength(nlp.export()),
      threshold: 0.5,
    };
  },
};
