import type { Act } from '../events/decision.ts';
import type { Message } from '../events/fields.ts';
import type { Change } from '../shared/verify/diff.ts';
import type {
  Chapter,
  Ending,
  Ranked,
  Recognised,
  Story,
  ToldDecision,
  ToldEvent,
  ToldTurn,
} from '../shared/verify/story.ts';
import type { Question } from '../shared/session/state.ts';
import { columns, harmless, paint } from './terminal.ts';

/** What is less likely than this is not worth a word. */
const LEAST_LIKELY = 0.005;

/** A chapter as lines for a terminal. `number`: of the turn, counted from 1. */
export function chapterText(chapter: Chapter, number: number): readonly string[] {
  return chapter.kind === 'turn' ? turnText(chapter, number) : eventText(chapter);
}

/** One line for each thing that came out otherwise than it is stored, or one that says that nothing did. */
export function verdictText(story: Story): readonly string[] {
  const decisions = story.chapters.flatMap((c) => (c.kind === 'turn' ? c.decisions : (c.decision ?? [])));
  const wrong = decisions.filter((d) => d.again.kind === 'differs' || hashDiffers(d));
  if (wrong.length > 0) {
    return wrong.map((d) =>
      paint('red', `✗ position ${d.position}: ${hashDiffers(d) ? 'another state' : 'another decision'} than is stored`),
    );
  }
  const sure = decisions.filter((d) => d.again.kind === 'same' && d.hash.folded !== undefined).length;
  const all = sure === decisions.length;
  const text = `${sure} of ${decisions.length} decisions made again: same state, same decision.`;
  return [all ? paint('green', `✓ ${text}`) : paint('yellow', `? ${text}`)];
}

function turnText(turn: ToldTurn, number: number): readonly string[] {
  const { said, recognised, entities, failed, decisions, ending, steps } = turn;
  const rows: (readonly [string, string])[] = [
    ['customer', `${harmless(said.text)}${said.payload ? paint('dim', `  ${harmless(said.payload)}`) : ''}`],
    ['intent', recognisedText(recognised)],
    ...entities.map(({ entity, value }) => ['found', `${entity} = ${harmless(value)}`] as const),
    ...failed.map(({ step, reason }) => ['failed', paint('red', `${step}: ${reason}`)] as const),
    ...decisions.flatMap(decisionRows),
    ...(ending ? endingRows(ending) : [['ending', paint('yellow', 'none yet')] as const]),
  ];
  const times = steps
    .filter(({ afterMs }) => afterMs !== undefined)
    .map(({ emitter, type, afterMs }) => `${emitter} ${type.split('.')[1] ?? type} +${afterMs ?? 0} ms`);
  return [
    `${paint(['bold', 'cyan'], `Turn ${number}`)} ${paint('dim', `${clock(turn.time)}  position ${turn.position}  ${turn.turn}`)}`,
    ...table(rows),
    ...(times.length > 0 ? [paint('dim', `  ${times.join(', ')}`)] : []),
  ];
}

function eventText({
  type,
  time,
  position,
  emitter,
  decision,
  messages = [],
  agent,
  call,
}: ToldEvent): readonly string[] {
  const line = `${paint('bold', type)} ${paint('dim', `${clock(time)}  position ${position}  by ${emitter}`)}`;
  const rows = [...(decision ? decisionRows(decision) : []), ...messageRows(messages, agent), ...callRows(call)];
  return [line, ...table(rows)];
}

const callRows = (call: ToldEvent['call']): readonly (readonly [string, string])[] => [
  ...(call?.words ? [['words', harmless(call.words)] as const] : []),
  ...(call ? [['call', paint('dim', call.about)] as const] : []),
];

const table = (rows: readonly (readonly [string, string])[]): readonly string[] =>
  columns(rows.map(([label, text], i) => ['', rows[i - 1]?.[0] === label ? '' : paint('dim', label), text]));

function recognisedText(recognised: Recognised): string {
  switch (recognised.kind) {
    case 'classified': {
      const { intent, confidence, others, model } = recognised;
      return `${paint('bold', intent)} ${percent(confidence)}${rankedText(others)}${paint('dim', `  ${model}`)}`;
    }
    case 'not-recognised':
      return `not recognised${rankedText(recognised.best).replace('  then ', ', at best ')}${paint('dim', `  ${recognised.model}`)}`;
    case 'nothing':
      return paint('dim', 'nothing known');
  }
}

function rankedText(ranked: readonly Ranked[]): string {
  const likely = ranked.filter(({ confidence }) => confidence >= LEAST_LIKELY);
  if (likely.length === 0) return '';
  return paint('dim', `  then ${likely.map((r) => `${r.intent} ${percent(r.confidence)}`).join(', ')}`);
}

function decisionRows(decision: ToldDecision): readonly (readonly [string, string])[] {
  const { act, why, changes } = decision;
  const because = [why.rule, ...(why.intent ? [why.intent] : [])].join(', ');
  // That the turn is no longer waiting, and what it was waiting with, is true of every decision.
  const shown = changes.filter(({ path }) => !/^turns\.\w+\.(?:intent|entities|decided)$/u.test(path));
  return [
    ['decided', actText(act)],
    ['because', because],
    ...(shown.length === 0
      ? [['state', paint('dim', 'unchanged')] as const]
      : shown.map((c) => ['state', changeText(c)] as const)),
    ['checked', `${hashText(decision)}, ${againText(decision)}`],
    ...(decision.again.kind === 'differs'
      ? decision.again.differences.map((c) => ['instead', paint('red', changeText(c))] as const)
      : []),
  ];
}

function actText(act: Act): string {
  const { kind, ...rest } = act;
  const details = Object.entries(rest)
    .filter((entry): entry is [string, string | number] => typeof entry[1] !== 'object')
    .map(([key, value]) => (key.endsWith('Ms') ? `${key.slice(0, -2)} ${Number(value) / 1_000} s` : `${key} ${value}`));
  return `${paint('bold', kind)}${details.length > 0 ? `  ${details.join(', ')}` : ''}`;
}

const hashDiffers = ({ hash }: ToldDecision): boolean => hash.folded !== undefined && hash.folded !== hash.stored;

function hashText(decision: ToldDecision): string {
  const { stored, folded } = decision.hash;
  if (folded === undefined) return paint('yellow', 'state cannot be folded again');
  if (hashDiffers(decision)) return paint('red', `state has hash ${folded}, stored is ${stored}`);
  return paint('green', `state ${stored.slice(0, 8)} ✓`);
}

function againText({ again }: ToldDecision): string {
  switch (again.kind) {
    case 'same':
      return paint('green', 'decided the same again ✓');
    case 'differs':
      return paint('red', 'this build decides otherwise');
    case 'unknown':
      return paint('yellow', again.reason);
  }
}

/** `path: before → after`. */
function changeText({ path, before, after }: Change): string {
  const value = (v: unknown) => (v === undefined ? '–' : isQuestion(v) ? questionText(v) : harmless(JSON.stringify(v)));
  return `${path}: ${value(before)} ${paint('dim', '→')} ${value(after)}`;
}

const isQuestion = (value: unknown): value is Question =>
  typeof value === 'object' && value !== null && 'slot' in value && 'response' in value;

const questionText = ({ slot, flow, response }: Question): string => `${slot} for ${flow} (${response})`;

function endingRows(ending: Ending): readonly (readonly [string, string])[] {
  switch (ending.type) {
    case 'turn.replied':
      return messageRows(ending.messages);
    case 'turn.handed-off':
      return [...messageRows(ending.messages), ['handed off', ending.reason ?? '']];
    case 'turn.superseded':
      return [['superseded', `by turn ${ending.by}`]];
    case 'turn.dead-lettered':
      return [['ended', paint('red', `without an answer: ${ending.reason}${ending.step ? ` in ${ending.step}` : ''}`)]];
  }
}

const messageRows = (messages: readonly Message[], who = 'bot'): readonly (readonly [string, string])[] =>
  messages.flatMap(({ text, buttons }) => [
    [who, paint('green', harmless(text))] as const,
    ...(buttons.length > 0
      ? [[who, paint('dim', buttons.map(({ title }) => `[${harmless(title)}]`).join(' '))] as const]
      : []),
  ]);

const percent = (score: number): string => `${Math.round(score * 100)} %`;
/** The time without its date and zone: 10:00:03.120. */
const clock = (time: string): string => time.slice(11, 23);
