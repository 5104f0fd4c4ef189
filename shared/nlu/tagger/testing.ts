import { chance } from '../../chance/index.ts';
import type { MarkedEntity, TaggedText } from './examples.ts';

const CITIES = ['Paris', 'New York', 'Rome', 'Oslo', 'Lima', 'San José', 'Kyoto', '成都'];
const NAMES = ['Ann', 'Bob Stone', 'Mary Hill', 'Chen', '李雷'];
const FRAMES = [
  'fly from {city:from} to {city:to}',
  'I am {name}, book {city:to}',
  'my name is {name}',
  '从{city:from}到{city:to}的票',
  '我叫{name} 👋 去{city:to}',
  'what is the weather',
  'hello there!',
];

/** Examples of a small bot, in two languages, with roles; the same seed gives the same. */
export function sampleTexts(count: number, seed: number): readonly TaggedText[] {
  const random = chance(seed);
  const one = (values: readonly string[]): string => values[Math.floor(random() * values.length)] ?? '';
  return Array.from({ length: count }, () => {
    let text = '';
    const entities: MarkedEntity[] = [];
    for (const part of one(FRAMES).split(/(\{[^}]*\})/)) {
      const slot = /^\{(\w+)(?::(\w+))?\}$/.exec(part);
      const start = Array.from(text).length;
      text += slot ? one(slot[1] === 'city' ? CITIES : NAMES) : part;
      const role = slot?.[2];
      if (slot)
        entities.push({ entity: slot[1] ?? '', ...(role ? { role } : {}), start, end: Array.from(text).length });
    }
    return { text, entities };
  });
}
