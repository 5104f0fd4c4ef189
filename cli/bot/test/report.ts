import { describeIssue, type BotIssue } from '../../../shared/bot/error.ts';
import { columns, harmless, number, paint } from '../../terminal.ts';
import type { Doing } from './case.ts';
import { describe } from './judge.ts';
import type { PlayedRound, Result } from './run.ts';

/** One line for a test that passed; for one that did not, the whole conversation up to what differs. */
export function resultText(result: Result): readonly string[] {
  const { test, passed, rounds, fault, ms } = result;
  const { file, line } = test.place;
  const time = paint('dim', `${number(Math.round(ms))} ms`);
  if (passed) return [`${paint('green', '✓')} ${harmless(test.name)}  ${time}`];
  return [
    `${paint('red', '✗')} ${paint('bold', harmless(test.name))}  ${paint('dim', `${file}:${line}`)}`,
    ...rounds.flatMap(roundText),
    ...(fault === undefined ? [] : [`    ${paint('red', harmless(fault))}`]),
  ];
}

/** How many passed and how long that took. */
export function summaryText(results: readonly Result[], ms: number): string {
  const failed = results.filter(({ passed }) => !passed).length;
  const passed = paint('green', `${number(results.length - failed)} passed`);
  return [
    ...(failed > 0 ? [paint('red', `${number(failed)} failed`)] : []),
    passed,
    paint('dim', `in ${(ms / 1_000).toFixed(1)} s`),
  ]
    .join(', ')
    .replace(/, (?=[^,]*$)/u, ' ');
}

/** Something that is wrong in a file, or that is understood and not done. */
export const issueLine = (issue: BotIssue, severity: 'error' | 'warning'): string =>
  `${paint(severity === 'error' ? 'red' : 'yellow', severity)} ${harmless(describeIssue(issue))}`;

/** What is done in a round, in the words of a test file. */
export function doingText(doing: Doing): readonly [string, string] {
  switch (doing.kind) {
    case 'begin':
      return ['begin', ''];
    case 'user':
      return ['user', doing.text];
    case 'at-once':
      return ['user', doing.texts.join('\n')];
    case 'wait':
      return ['wait', `${number(doing.ms / 1_000)} s`];
    case 'agent':
      return ['agent', doing.command];
    case 'agent-says':
      return ['agent', doing.text];
  }
}

function roundText({ round, happened, differences }: PlayedRound): readonly string[] {
  const [who, text] = doingText(round.doing);
  const rows: [string, string][] = [
    [paint('cyan', who), harmless(text)],
    ...happened.messages.map((message): [string, string] => [
      paint('dim', 'bot'),
      paint('dim', harmless(message.text)),
    ]),
  ];
  const bad = new Set(differences.map(({ expected }) => expected));
  for (const { what } of round.expects) {
    if (!bad.has(describe(what))) rows.push([paint('green', 'right'), paint('dim', harmless(describe(what)))]);
  }
  for (const { expected, came, place } of differences) {
    rows.push([paint('red', 'expected'), `${harmless(expected)}  ${paint('dim', `line ${place.line}`)}`]);
    rows.push([paint('red', 'came'), harmless(came).replaceAll('\n', ' ')]);
  }
  return columns(rows.map(([label, value]) => ['  ', label, value]));
}
