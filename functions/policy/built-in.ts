import type { Act, Passage } from '../../events/decision.ts';
import type { Flow, FlowStep } from '../../shared/bot/bot.ts';
import { stepOf } from '../../shared/bot/program.ts';
import { BUILT_IN_ACTIONS, PATTERN_PREFIX, STANDARD_RESPONSES, type BuiltInAction } from '../../shared/bot/standard.ts';
import { toRepeat } from '../../shared/session/heard.ts';
import { say, setSlot, type Going } from './going.ts';

/** Whether the platform does an action itself. */
export const isBuiltIn = (action: string): action is BuiltInAction =>
  (BUILT_IN_ACTIONS as readonly string[]).includes(action);

type ActionStep = Extract<FlowStep, { kind: 'action' }>;

/** Does a built-in action; the act is what the run ends with. */
export function builtIn(going: Going, flow: Flow, step: ActionStep): Act | 'go-on' {
  const action = step.action as BuiltInAction;
  switch (action) {
    case 'action_human_handoff': {
      going.stack = [];
      const { skill, priority } = step;
      return { kind: 'hand-off', reason: `flow ${flow.id}`, ...(skill && { skill }), ...(priority && { priority }) };
    }
    case 'action_close_session':
      going.stack = [];
      return { kind: 'close', reason: `flow ${flow.id}` };
    case 'action_listen':
      going.stack.pop();
      return { kind: 'respond' };
    case 'action_fall_back':
      going.stack.pop();
      return fallBack(going);
    case 'action_cancel_flow':
      cancel(going);
      return 'go-on';
    case 'action_restart':
      for (const slot of [...Object.keys(going.start.state.slots), ...going.set.keys()]) setSlot(going, slot, null);
      going.stack = going.stack.slice(-1);
      return 'go-on';
    case 'action_repeat': {
      const again = toRepeat(going.start.state);
      // The question of a flow that is under way is put again anyway.
      going.says.push(...(going.stack.length > 1 ? again.slice(0, -1) : again));
      return 'go-on';
    }
    case 'action_search':
      return search(going);
  }
}

/**
 * What the bot says when it does not understand, and then the question that is still open; a person takes over where
 * that has happened too often.
 */
export function fallBack(going: Going): Act {
  if (isLastMiss(going)) return giveUp(going);
  say(going, STANDARD_RESPONSES.fallBack);
  const { stack, start } = going;
  const top = stack.at(-1);
  const flow = top && start.program.flow(top.flow);
  const step = flow && stepOf(flow, top.step);
  if (!flow || step?.kind !== 'collect') return { kind: 'fall-back' };
  say(going, step.ask);
  return { kind: 'ask', slot: step.slot, flow: flow.id, again: true };
}

/** Whether one more turn that was not understood is one too many. */
export const isLastMiss = ({ start: { program, state } }: Going): boolean =>
  state.misses + 1 >= program.bot.settings.missesBeforeHandOff;

/** Asks for a person, because the bot does not understand. */
export function giveUp(going: Going): Act {
  going.stack = [];
  say(going, STANDARD_RESPONSES.handOff);
  return { kind: 'hand-off', reason: 'not understood' };
}

/** Takes the flow under the current one off the stack, with whatever it called or was called by, and empties its slots. */
function cancel(going: Going): void {
  const pattern = going.stack.at(-1);
  let at = going.stack.length - 2;
  while (at >= 0 && going.stack[at]?.flow.startsWith(PATTERN_PREFIX)) at -= 1;
  while (at > 0 && going.stack[at]?.called) at -= 1;
  for (const { set = [] } of going.stack.slice(Math.max(0, at), -1)) {
    for (const slot of set) setSlot(going, slot, null);
  }
  going.stack = [...going.stack.slice(0, Math.max(0, at)), ...(pattern ? [pattern] : [])];
}

/** Looks up what the customer said, and has it put into words where the bot wants that. */
function search(going: Going): Act | 'go-on' {
  const { outcome } = going;
  const { program, text = '', state } = going.start;
  if (!outcome) return text ? { kind: 'search', query: text } : 'go-on';
  if (outcome.kind === 'found' && outcome.answered) {
    if (program.bot.settings.knowledge === 'generated') {
      return { kind: 'generate', query: text, passages: [...outcome.passages] };
    }
    tell(going, outcome.passages[0]);
  }
  if (outcome.kind === 'answered')
    answerWith(
      going,
      outcome.text,
      outcome.cites,
      outcome.sources.join(going.start.state.locale.startsWith('zh') ? '、' : ', '),
    );
  // Where no model answers, the best passage itself does.
  if (outcome.kind === 'failed') tell(going, state.pending?.best);
  return 'go-on';
}

function tell(going: Going, passage: Passage | undefined): void {
  if (!passage) return;
  const { article, version, title, text } = passage;
  answerWith(going, text, [`${article}@${version}`], title);
  going.outcome = { kind: 'answered', text, cites: [], sources: [] };
}

function answerWith(going: Going, answer: string, cites: readonly string[], sources: string): void {
  going.cites.push(...cites);
  going.context = { ...going.context, context_answer: answer, context_sources: sources };
}
