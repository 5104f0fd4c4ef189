import { expect, it } from 'vitest';
import { complaint } from './readers.ts';

const said = (position: number, turn: string) => ({ position, type: 'utterance.received', turn });
const ended = (position: number, turn: string) => ({ position, type: 'turn.replied', turn });

it('a reader that got everything once and in order has nothing to complain of', () => {
  expect(complaint([said(3, 'a'), ended(9, 'a'), said(12, 'b'), ended(17, 'b')], 2)).toBeUndefined();
});

it.each([
  ['an ending is missing', [said(3, 'a')], 1],
  ['an utterance is missing', [ended(9, 'a')], 1],
  ['a whole turn is missing', [said(3, 'a'), ended(9, 'a')], 2],
  ['a turn ended twice', [said(3, 'a'), ended(9, 'a'), ended(10, 'a')], 1],
  ['an event came twice', [said(3, 'a'), ended(9, 'a'), ended(9, 'a')], 1],
  ['events came out of order', [ended(9, 'a'), said(3, 'a')], 1],
] as const)('a reader notices that %s', (_what, read, turns) => {
  expect(complaint(read, turns)).toBeDefined();
});
