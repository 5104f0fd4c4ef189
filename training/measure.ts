/**
 * Accuracy of the linear model, the net, both and the cascade on the test halves, and what they cost:
 * `node training/measure.ts banking77 [train file] [--start model.onnx] [--thorough]`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { dealt } from '../shared/nlu/confidence/rehearse.ts';
import { fitScale, softmax } from '../shared/nlu/confidence/softmax.ts';
import { linearScorer, trainLinear } from '../shared/nlu/linear/train.ts';
import { answer, learnCascade } from '../shared/nlu/net/cascade.ts';
import { readEncoder } from '../shared/nlu/net/encoder.ts';
import { chooseWeight, mixed, scopeScore } from '../shared/nlu/net/ensemble.ts';
import { fineTune, intentsOf, rehearseNet, type NetExample } from '../shared/nlu/net/fine-tune.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { start: { type: 'string' }, thorough: { type: 'boolean' }, seed: { type: 'string', default: '1' } },
});
const [set = 'banking77', part = 'train'] = positionals;
const seed = Number(values.seed);
const read = (file: string): readonly NetExample[] =>
  readFileSync(new URL(`../../shared/data/nlu/${set}/${file}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as NetExample)
    .filter(({ intent }) => intent);
const FOLDS = 5;
/** From so many examples on, one fold tells enough. */
const LARGE = 3_000;
/** Of CPU in all threads: other work on the machine does not count. */
const seconds = (from: NodeJS.CpuUsage): string => {
  const { user, system } = process.cpuUsage(from);
  return ((user + system) / 1e6).toFixed(1);
};
const percent = (hits: number, of: number): string => ((100 * hits) / of).toFixed(2);
const best = (shares: ArrayLike<number>): number => {
  let at = 0;
  for (let k = 1; k < shares.length; k += 1) if ((shares[k] as number) > (shares[at] as number)) at = k;
  return at;
};

const train = read(part);
const intents = intentsOf(train);
const labelled = train.map(({ text, intent }) => ({ text, label: intents.indexOf(intent) }));
const fold = dealt(labelled, FOLDS, seed);
const folds = train.length > LARGE ? 1 : FOLDS;

let begun = process.cpuUsage();
const linear = linearScorer(trainLinear(labelled, intents.length, { seed }));
const out = [`linear ${seconds(begun)} s`];
/** The set's own validation part, where it has one: the shipped start has seen training parts, not those. */
const validation = existsSync(new URL(`../../shared/data/nlu/${set}/dev.jsonl`, import.meta.url)) ? read('dev') : [];
const held = validation.filter(({ intent }) => intents.includes(intent));

begun = process.cpuUsage();
const foldScores = (f: number) => {
  const rest = labelled.filter((_, i) => fold[i] !== f);
  const score = linearScorer(trainLinear(rest, intents.length, { seed }));
  return labelled.flatMap((row, i) => (fold[i] === f ? [{ ...row, scores: score(row.text).scores }] : []));
};
const judged =
  held.length > 0
    ? held.map(({ text, intent }) => ({ text, label: intents.indexOf(intent), scores: linear(text).scores }))
    : [...Array(folds).keys()].flatMap(foldScores);
out.push(`its rehearsal ${seconds(begun)} s`);
const scale = fitScale(judged);

const effort = values.thorough ? ('thorough' as const) : ('default' as const);
const options = { seed, effort, ...(values.start && { start: readEncoder(readFileSync(values.start)) }) };
begun = process.cpuUsage();
const net = await fineTune(train, options);
out.push(`net ${seconds(begun)} s`);
begun = process.cpuUsage();
const shares =
  held.length > 0
    ? Float32Array.from(held.flatMap(({ text }) => [...net.scores(text)]))
    : (await rehearseNet(train, fold, folds, options)).shares;
out.push(`its rehearsal ${seconds(begun)} s`);

const rehearsal = {
  classes: intents.length,
  labels: Int32Array.from(judged, ({ label }) => label),
  linear: Float32Array.from(judged.flatMap(({ scores }) => [...softmax(scores, scale)])),
  net: shares,
};
const weight = chooseWeight(rehearsal);
const cascade = learnCascade(rehearsal, weight);
const linearShares = (text: string) => Float32Array.from(softmax(linear(text).scores, scale));

const test = read('test').filter(({ intent }) => intents.includes(intent));
const seen = new Set(train.map(({ text }) => text.trim().toLowerCase()));
const report = (name: string, rows: readonly NetExample[]): void => {
  const hits = { linear: 0, net: 0, both: 0, half: 0, cascade: 0, on: 0 };
  for (const { text, intent } of rows) {
    const right = intents.indexOf(intent);
    const one = linearShares(text);
    const other = net.scores(text);
    const given = answer(cascade, one, () => other);
    hits.linear += Number(best(one) === right);
    hits.net += Number(best(other) === right);
    hits.both += Number(best(mixed(one, other, weight)) === right);
    hits.half += Number(best(mixed(one, other, 0.5)) === right);
    hits.cascade += Number(best(given.shares) === right);
    hits.on += Number(given.from === 'ensemble');
  }
  const figures = Object.entries(hits).map(([what, count]) => `${what} ${percent(count, rows.length)}`);
  console.log(`${set} ${part} ${name} (${rows.length}): ${figures.join(', ')}`);
};
report('test', test);
if (test.some(({ text }) => seen.has(text.trim().toLowerCase()))) {
  report(
    'test, unseen text',
    test.filter(({ text }) => !seen.has(text.trim().toLowerCase())),
  );
}
console.log(
  `  scale ${scale.toFixed(2)}, weight ${weight}, threshold ${cascade.threshold.toFixed(3)}; ${out.join(', ')}; net ${(net.serialise().length / 1e6).toFixed(1)} MB`,
);

const cost = (act: (text: string) => unknown): string => {
  const texts = test.slice(0, 500).map(({ text }) => text);
  texts.forEach(act);
  const from = process.cpuUsage();
  for (let round = 0; round < 5; round += 1) texts.forEach(act);
  const { user, system } = process.cpuUsage(from);
  return ((user + system) / (5 * texts.length)).toFixed(0);
};
console.log(
  `  µs of CPU: linear ${cost(linearShares)}, net ${cost(net.scores)}, cascade ${cost((text) => answer(cascade, linearShares(text), () => net.scores(text)))}`,
);

if (set === 'clinc150') {
  const inside = (file: string) => read(file).map(({ text, intent }) => ({ text, right: intents.indexOf(intent) }));
  const outside = (file: string) => read(file).map(({ text }) => ({ text, right: -1 }));
  const scored = (rows: readonly { text: string; right: number }[]) =>
    rows.map(({ text, right }) => {
      const one = linearShares(text);
      const other = net.scores(text);
      const both = mixed(one, other, weight);
      const given = answer(cascade, one, () => other).shares;
      const at = best(both);
      return {
        right,
        at,
        scores: { mixture: both[at] ?? 0, cascade: Math.max(...given), scope: scopeScore(linear(text).scores, other) },
      };
    });
  const parts = {
    validation: scored([...inside('dev'), ...outside('oos_dev'), ...outside('oos_train')]),
    test: scored([...inside('test'), ...outside('oos_test')]),
  };
  for (const score of ['mixture', 'cascade', 'scope'] as const) {
    const auroc = (rows: typeof parts.test) => {
      const order = rows.toSorted((a, b) => a.scores[score] - b.scores[score]);
      let below = 0;
      let wins = 0;
      for (const { right } of order) {
        if (right < 0) below += 1;
        else wins += below;
      }
      return wins / (below * (rows.length - below));
    };
    const at = (rows: typeof parts.test, threshold: number) => {
      const [ins, outs] = [rows.filter(({ right }) => right >= 0), rows.filter(({ right }) => right < 0)];
      return [
        ins.filter((row) => row.scores[score] >= threshold && row.at === row.right).length / ins.length,
        outs.filter((row) => row.scores[score] < threshold).length / outs.length,
      ] as const;
    };
    // The highest threshold that keeps 90.5 % of what is in scope, and right, on the validation part.
    const inside = parts.validation.filter(({ right }) => right >= 0);
    const threshold = inside
      .flatMap((row) => (row.at === row.right ? [row.scores[score]] : []))
      .toSorted((a, b) => b - a)[Math.floor(0.905 * inside.length)];
    const [kept, refused] = at(parts.test, threshold ?? 0);
    console.log(
      `  out of scope by ${score}: AUROC validation ${auroc(parts.validation).toFixed(4)}, test ${auroc(parts.test).toFixed(4)}; at the threshold from validation in scope ${(100 * kept).toFixed(1)}, recall ${(100 * refused).toFixed(1)}`,
    );
  }
}
