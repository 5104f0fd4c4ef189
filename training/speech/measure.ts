/**
 * What the model does on recordings that training has not heard:
 * `node training/speech/measure.ts [--model models/speech-en-small] [--speakers lucas] [--said DIR]`.
 *
 * Without `--speakers` the measured ones, theo and yweweler, and the measured half of the other speech; with it, the
 * part that settings are chosen by.
 */
import { parseArgs } from 'node:util';
import { wordsOf, type HeardWord } from '../../shared/speech/context.ts';
import { decode, DECODER_START, finishDecoding } from '../../shared/speech/decoder.ts';
import { CONDITIONS, under } from './conditions.ts';
import { loadListener, readConfig } from './listen.ts';
import { digitStrings, folder, loneDigits, otherSpeech, present, type Item } from './sets.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/speech-en-small' },
    speakers: { type: 'string' },
    strings: { type: 'string', default: '120' },
    said: { type: 'string' },
  },
});
if (!present()) {
  console.error('the recordings are missing: ../shared/data/voice beside the repository (training/speech/README.md)');
  process.exit(1);
}
const config = readConfig(new URL(`../../${values.model}/`, import.meta.url));
const listen = await loadListener(new URL(`../../${values.model}/`, import.meta.url), config);

const speakers = values.speakers?.split(',') ?? ['theo', 'yweweler'];
const strings = speakers.map((speaker) => ({ speaker, items: digitStrings(speaker, Number(values.strings), 7) }));
const others = otherSpeech(values.speakers ? 'validation' : 'test');
for (const condition of CONDITIONS) {
  const rates = [];
  for (const { speaker, items } of strings) rates.push(`${speaker} ${(await errors(items, condition)).text}`);
  console.log(`${condition}: ${rates.join('; ')}`);
}
for (const { speaker } of strings) {
  console.log(`isolated, ${speaker}: ${(await errors(loneDigits(speaker), 'clean')).text}`);
}
if (values.said) console.log(`service words, synthetic: ${(await errors(folder(values.said), 'clean')).text}`);
for (const threshold of [0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9]) {
  const { perMinute, list } = await falseWords(others, threshold);
  console.log(`false words a minute at ${threshold}: ${perMinute.toFixed(2)} ${list}`);
}
const falseNow = await falseWords(others, config.threshold);
console.log(`false words a minute at the default, ${config.threshold}: ${falseNow.perMinute.toFixed(2)}`);
await cost();

async function heard(samples: Float32Array, settings = config): Promise<readonly HeardWord[]> {
  const { state, parts } = decode(settings, DECODER_START, await listen(samples));
  return wordsOf(settings, [...parts, ...finishDecoding(settings, state)]);
}

/** Word errors in percent: unknown words are not words that were heard. */
async function errors(items: readonly Item[], condition: (typeof CONDITIONS)[number]) {
  const sum = { substitutions: 0, deletions: 0, insertions: 0, words: 0 };
  for (const [i, item] of items.entries()) {
    const words = (await heard(under(condition, item, i + 1, others))).map(({ word }) => word);
    const counts = aligned(
      item.words,
      words.filter((word) => word !== config.unknown),
    );
    sum.substitutions += counts.substitutions;
    sum.deletions += counts.deletions;
    sum.insertions += counts.insertions;
    sum.words += item.words.length;
  }
  const rate = (100 * (sum.substitutions + sum.deletions + sum.insertions)) / sum.words;
  return {
    rate,
    text: `${rate.toFixed(1)} % (${sum.substitutions} s, ${sum.deletions} d, ${sum.insertions} i of ${sum.words})`,
  };
}

/** Levenshtein's alignment, counted. */
function aligned(wanted: readonly string[], given: readonly string[]) {
  interface Cell {
    readonly cost: number;
    readonly substitutions: number;
    readonly deletions: number;
    readonly insertions: number;
  }
  const start: Cell = { cost: 0, substitutions: 0, deletions: 0, insertions: 0 };
  const insertion = (c: Cell): Cell => ({ ...c, cost: c.cost + 1, insertions: c.insertions + 1 });
  const deletion = (c: Cell): Cell => ({ ...c, cost: c.cost + 1, deletions: c.deletions + 1 });
  let row: readonly Cell[] = given.reduce<readonly Cell[]>(
    (cells, _) => [...cells, insertion(cells.at(-1) ?? start)],
    [start],
  );
  for (const word of wanted) {
    const next: Cell[] = [deletion(row[0] ?? start)];
    given.forEach((other, k) => {
      const diagonal = row[k] ?? start;
      const same =
        other === word ? diagonal : { ...diagonal, cost: diagonal.cost + 1, substitutions: diagonal.substitutions + 1 };
      const choices = [same, deletion(row[k + 1] ?? start), insertion(next[k] ?? start)];
      next.push(choices.reduce((a, b) => (b.cost < a.cost ? b : a)));
    });
    row = next;
  }
  return row.at(-1) ?? start;
}

async function falseWords(items: readonly Item[], threshold: number) {
  const list: string[] = [];
  let seconds = 0;
  for (const item of items) {
    const allowed = [...item.words];
    for (const { word } of await heard(item.samples, { ...config, threshold })) {
      const at = allowed.indexOf(word);
      if (at >= 0) allowed.splice(at, 1);
      else if (word !== config.unknown) list.push(word);
    }
    seconds += item.samples.length / config.sampleRate;
  }
  return { perMinute: (60 * list.length) / seconds, list: `(${list.join(' ')} in ${seconds.toFixed(0)} s)` };
}

/** Time of one chunk with its decoding, as in a call: the middle of 20 rounds, and CPU, which other work does not change. */
async function cost(): Promise<void> {
  const samples = strings[0]?.items[0]?.samples ?? new Float32Array(80_000);
  for (const chunk of [240, 2_400, 4_800]) {
    const chunks = Math.ceil(samples.length / chunk);
    const times: number[] = [];
    const cpu = process.cpuUsage();
    for (let round = 0; round < 20; round += 1) {
      const begun = performance.now();
      decode(config, DECODER_START, await listen(samples, chunk));
      times.push((performance.now() - begun) / chunks);
    }
    const { user, system } = process.cpuUsage(cpu);
    const middle = times.toSorted((a, b) => a - b)[10] ?? 0;
    const burnt = (user + system) / 1_000 / 20 / chunks;
    console.log(`${chunk / 8} ms chunks: ${middle.toFixed(3)} ms a chunk, ${burnt.toFixed(3)} ms of CPU`);
  }
}
