import { expect, it } from 'vitest';
import { atLeast, reported } from '../lib/bench.ts';
import { pictureOf } from './picture.ts';

it('draws a bar for each system and set, its goal, and nothing else', () => {
  const picture = pictureOf([
    { name: 'a <set>, linear: accuracy', value: 91.04, unit: '%', goal: atLeast(95) },
    { name: 'a <set>, NLP.js: accuracy', value: 82.5, unit: '%', goal: atLeast(95) },
    { name: 'a <set>, linear: calibration error', value: 2, unit: '%' },
    { name: 'one utterance, 10 intents, linear: intent, mean', value: 50, unit: 'µs' },
  ]);
  expect(picture.match(/height="9"/gu)).toHaveLength(2);
  expect(picture).toContain('>91.0<');
  expect(picture).toContain('a &lt;set&gt;');
  expect(picture.match(/#c4362c/gu)).toHaveLength(1);
  expect(picture).not.toContain('Entities');
});

it('draws what was found of entities below, without the slice of unseen texts', () => {
  const picture = pictureOf([
    { name: 'a set, linear: accuracy', value: 91, unit: '%' },
    { name: 'SNIPS, tagger: F1 of exact spans', value: 95.2, unit: '%', goal: atLeast(95) },
    { name: 'SNIPS, tagger: F1 of exact spans, 300 unseen texts', value: 94, unit: '%', goal: reported },
    { name: 'CrossWOZ, tagger: F1 of exact spans', value: 88, unit: '%', goal: reported },
  ]);
  expect(picture.match(/height="9"/gu)).toHaveLength(3);
  expect(picture).toContain('Entities');
  expect(picture.match(/#c4362c/gu)).toHaveLength(1);
});
