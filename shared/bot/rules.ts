import type { Branch, Flow, FlowStep } from './bot.ts';
import type { BotIssue } from './error.ts';
import type { Names } from './flow-steps.ts';
import { didYouMean } from './nearest.ts';
import { retrievalOf } from './retrieval.ts';
import type { RuleCondition, RulesFile, RuleStep } from './rules-schema.ts';
import type { Path, Source } from './source.ts';
import { BUILT_IN_ACTIONS, END, LAST_ACTIONS } from './standard.ts';
import type { Parsed } from './strict.ts';

/** What Rasa's own actions are called here; undefined: nothing has to be done. */
const DEFAULT_ACTIONS: Readonly<Record<string, string | undefined>> = {
  action_listen: undefined,
  action_restart: 'action_restart',
  action_default_fallback: 'action_fall_back',
  action_deactivate_loop: 'action_cancel_flow',
  action_back: 'action_repeat',
};
/** What is said where nothing is understood stands in a pattern. */
const FALLBACK_INTENT = 'nlu_fallback';
const FALLBACK_FLOW = 'pattern_cannot_handle';
/** Rasa's slot that says what a form asks for. */
const REQUESTED = 'requested_slot';

export interface RulesContext extends Names {
  readonly intents: readonly string[];
  readonly forms: ReadonlySet<string>;
  /** Intents that flows answer already. */
  readonly taken: ReadonlySet<string>;
}

interface Read {
  readonly flows: readonly Flow[];
  readonly issues: readonly BotIssue[];
  readonly warnings: readonly BotIssue[];
}

interface Rule {
  readonly source: Source;
  readonly path: Path;
  readonly intent: string;
  readonly when: string | undefined;
  /** Steps without a way on: the next one follows. */
  readonly does: readonly Content[];
}
type Content =
  | { readonly kind: 'say'; readonly response: string }
  | { readonly kind: 'action'; readonly action: string }
  | { readonly kind: 'call'; readonly flow: string };

/**
 * Rasa's rules as flows: one for each intent, whose rules are tried in the order of the file, those without a condition
 * last. A rule that fills in a form calls it, and goes on with the rule for its end. Rules of several turns, and
 * stories, are told of and not run.
 */
export function readRules(files: readonly Parsed<RulesFile>[], context: RulesContext): Read {
  const issues: BotIssue[] = [];
  const warnings: BotIssue[] = [];
  const rules: Rule[] = [];
  const endings = endingsOf(files, context, issues);
  for (const { source, content } of files) {
    for (const [i] of content.stories.entries()) {
      const hint = 'write a flow, or a rule for what always follows an intent';
      warnings.push(source.issue(['stories', i, 'story'], 'a story is not run', { hint }));
    }
    for (const [
      i,
      { condition, steps, conversation_start: starts, wait_for_user_input: waits },
    ] of content.rules.entries()) {
      const path = ['rules', i];
      if (starts)
        warnings.push(source.issue([...path, 'conversation_start'], 'the rule is run at any time', { part: 'key' }));
      if (waits === false) {
        warnings.push(source.issue([...path, 'wait_for_user_input'], 'nothing follows this rule', { part: 'key' }));
      }
      const wakes = steps.flatMap((step, j) => (isWish(step) ? [j] : []));
      const [first, another] = wakes;
      if (first !== 0) {
        if (!isEnding(condition, steps)) {
          warnings.push(source.issue([...path, 'rule'], 'a rule that begins without an intent is not run'));
        }
        continue;
      }
      if (another !== undefined) {
        const hint = 'write a flow that collects the answer';
        warnings.push(source.issue([...path, 'steps', another], 'a rule of several turns is run up to here', { hint }));
      }
      for (const [j, slot] of condition.flatMap(slotsIn).entries()) {
        if (slot !== REQUESTED && !context.slots.has(slot)) {
          issues.push(source.issue([...path, 'condition', j], `unknown slot ${slot}`, didYouMean(slot, context.slots)));
        }
      }
      const own = steps.slice(1, another);
      const does = own.flatMap((step, j) =>
        doneBy({ source, path: [...path, 'steps', j + 1], step, context, endings, issues, warnings }),
      );
      for (const intent of wishesIn(steps[0], context.intents)) {
        if (intent !== FALLBACK_INTENT && !context.intents.includes(intent)) {
          const at = [...path, 'steps', 0, 'intent'];
          issues.push(source.issue(at, `unknown intent ${intent}`, didYouMean(intent, context.intents)));
        } else if (context.taken.has(intent)) {
          issues.push(source.issue([...path, 'steps', 0], `intent ${intent} already has a flow`));
        } else rules.push({ source, path, intent, when: whenOf(condition), does });
      }
    }
  }
  const byIntent = Map.groupBy(rules, ({ intent }) => intent);
  return { flows: [...byIntent].flatMap(([intent, own]) => flowOf(intent, own, context, issues)), issues, warnings };
}

const isWish = ({ intent, user, or }: RuleStep): boolean => (intent ?? user ?? or) !== undefined;

/** A retrieval intent stands for its parts. */
function wishesIn(step: RuleStep | undefined, intents: readonly string[]): readonly string[] {
  const named = [step?.intent, ...(step?.or ?? []).map(({ intent }) => intent)].flatMap((it) => it ?? []);
  return named.flatMap((intent) => {
    const parts = intents.filter((it) => retrievalOf(it) === intent);
    return parts.length > 0 ? parts : [intent];
  });
}

/** `condition: active_loop: form`, then `action: form` and `active_loop: null`: what follows a form. */
const isEnding = (condition: readonly RuleCondition[], steps: readonly RuleStep[]): boolean =>
  condition.some(({ active_loop: form }) => typeof form === 'string') &&
  steps.some((step) => step.active_loop === null);

interface Doing {
  readonly source: Source;
  readonly path: Path;
  readonly step: RuleStep;
  readonly context: RulesContext;
  readonly endings: ReadonlyMap<string, readonly Content[]>;
  readonly issues: BotIssue[];
  readonly warnings?: BotIssue[];
}

function endingsOf(
  files: readonly Parsed<RulesFile>[],
  context: RulesContext,
  issues: BotIssue[],
): ReadonlyMap<string, readonly Content[]> {
  const endings = new Map<string, readonly Content[]>();
  for (const { source, content } of files) {
    for (const [i, { condition, steps }] of content.rules.entries()) {
      const form = condition.find(({ active_loop: loop }) => typeof loop === 'string')?.active_loop;
      if (!form || !isEnding(condition, steps)) continue;
      const from = steps.findIndex((step) => step.active_loop === null);
      const path = ['rules', i, 'steps'];
      const does = steps.flatMap((step, j) =>
        j > from && step.action !== form
          ? doneBy({ source, path: [...path, j], step, context, endings: new Map(), issues })
          : [],
      );
      endings.set(form, does);
    }
  }
  return endings;
}

function doneBy({ source, path, step, context, endings, issues, warnings }: Doing): readonly Content[] {
  const { action } = step;
  if (step.bot !== undefined) {
    warnings?.push(source.issue(path, 'what a bot says in an end-to-end step is not run', { hint: 'name a response' }));
  }
  // What Rasa sets by itself, or what the form does anyway.
  if (action === undefined) return [];
  if (context.forms.has(action)) return [{ kind: 'call', flow: action }, ...(endings.get(action) ?? [])];
  if (Object.hasOwn(DEFAULT_ACTIONS, action)) {
    const named = DEFAULT_ACTIONS[action];
    return named === undefined ? [] : [{ kind: 'action', action: named }];
  }
  const at = [...path, 'action'];
  if (action.startsWith('utter_')) {
    // A retrieval intent's own response is that of its part.
    const whole = action.slice('utter_'.length);
    const isRetrieval = context.intents.some((intent) => retrievalOf(intent) === whole);
    if (!isRetrieval && !context.responses.has(action)) {
      issues.push(source.issue(at, `unknown response ${action}`, didYouMean(action, context.responses)));
    }
    return [{ kind: 'say', response: action }];
  }
  const actions = new Set<string>([...BUILT_IN_ACTIONS, ...context.actions]);
  if (!actions.has(action)) issues.push(source.issue(at, `unknown action ${action}`, didYouMean(action, actions)));
  return [{ kind: 'action', action }];
}

/** The condition of a rule as one of a flow. */
function whenOf(conditions: readonly RuleCondition[]): string | undefined {
  const parts = conditions.flatMap(({ slot_was_set: slots = [], active_loop: loop }) => [
    ...slots.flatMap((it) =>
      typeof it === 'string'
        ? [`slots.${it} is not null`]
        : Object.entries(it).map(([slot, value]) => equals(slot, value)),
    ),
    ...(loop === null ? ['not session.active'] : []),
  ]);
  return parts.length === 0 ? undefined : parts.join(' and ');
}

const slotsIn = ({ slot_was_set: slots = [] }: RuleCondition): readonly string[] =>
  slots.flatMap((it) => (typeof it === 'string' ? [it] : Object.keys(it)));

/** Conditions compare texts; a list never equals one. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function equals(slot: string, value: unknown): string {
  if (slot === REQUESTED) return value === null ? 'not session.active' : 'session.active';
  if (value === null) return `slots.${slot} is null`;
  if (typeof value === 'boolean') return value ? `slots.${slot} is true` : `slots.${slot} is false`;
  return typeof value === 'number'
    ? `slots.${slot} = ${value}`
    : `slots.${slot} = "${textOf(value).replaceAll('"', '')}"`;
}

function flowOf(intent: string, rules: readonly Rule[], context: RulesContext, issues: BotIssue[]): readonly Flow[] {
  const id = intent === FALLBACK_INTENT ? FALLBACK_FLOW : intent.replace('/', '-');
  const conditional = rules.filter(({ when }) => when !== undefined);
  const [always, twice] = rules.filter(({ when }) => when === undefined);
  if (twice) {
    issues.push(twice.source.issue([...twice.path, 'steps', 0], `intent ${intent} already has a rule`));
  }
  if (context.flows.has(id) && id !== FALLBACK_FLOW) {
    const [{ source, path }] = rules as [Rule, ...Rule[]];
    issues.push(source.issue([...path, 'steps', 0], `a flow is called ${id}, too`));
  }
  const steps: FlowStep[] = [];
  const add = ({ does }: Rule): string => {
    const from = steps.length + 2;
    for (const [i, content] of does.entries()) {
      const isLast = i === does.length - 1 || (content.kind === 'action' && LAST_ACTIONS.includes(content.action));
      const next = isLast ? [] : [{ to: String(from + i + 1) }];
      steps.push({ id: String(from + i), ...said(content, intent), next });
    }
    return does.length === 0 ? END : String(from);
  };
  const branches: Branch[] = conditional.map((rule) => ({ when: rule.when ?? '', to: add(rule) }));
  if (always) branches.push({ to: add(always) });
  const own = intent === FALLBACK_INTENT ? [] : [intent];
  return [{ id, intents: own, steps: [{ id: '1', kind: 'noop', next: branches }, ...steps] }];
}

/** `utter_faq` after the intent `faq/opening` says `utter_faq/opening`. */
const said = (content: Content, intent: string): Content =>
  content.kind === 'say' && content.response === `utter_${retrievalOf(intent) ?? ''}`
    ? { ...content, response: `utter_${intent}` }
    : content;
