import type { Flow, SlotRule } from './bot.ts';
import { DEFAULT_FLOWS, DEFAULT_SLOTS } from './defaults/flows.ts';
import { DEFAULT_RESPONSES } from './defaults/responses.ts';
import type { BotIssue } from './error.ts';
import { graphProblems } from './flow-graph.ts';
import type { FlowsFile } from './flow-schema.ts';
import { checkCondition, readSteps, type Names, type PlacedStep } from './flow-steps.ts';
import { didYouMean } from './nearest.ts';
import { readForms } from './forms.ts';
import { retrievalFlows } from './retrieval.ts';
import { readRules } from './rules.ts';
import type { RulesFile } from './rules-schema.ts';
import type { DomainFile } from './schema.ts';
import type { Path } from './source.ts';
import { PATTERN_PREFIX } from './standard.ts';
import type { Parsed } from './strict.ts';

/** Reads what the bot does about each intent, so that no recognised wish goes unanswered. */
export function readFlows(
  { source, content }: Parsed<FlowsFile>,
  rules: readonly Parsed<RulesFile>[],
  domain: Parsed<DomainFile>,
  slots: readonly SlotRule[],
): { readonly flows: readonly Flow[]; readonly issues: readonly BotIssue[]; readonly warnings: readonly BotIssue[] } {
  const { intents, responses, actions, forms } = domain.content;
  const issues: BotIssue[] = [];
  const names: Names = {
    slots: new Set([...slots, ...DEFAULT_SLOTS].map(({ name }) => name)),
    responses: new Set([...Object.keys(responses), ...Object.keys(DEFAULT_RESPONSES)]),
    flows: new Set([...Object.keys(content.flows), ...Object.keys(forms), ...DEFAULT_FLOWS.map(({ id }) => id)]),
    actions: new Set(actions),
    rejections: new Map(
      Object.entries(domain.content.slots).map(([slot, { validation }]) => [
        slot,
        (validation?.rejections ?? []).map(({ if: when, utter: say }) => ({ when, say })),
      ]),
    ),
  };
  for (const [slot, all] of names.rejections) {
    for (const [i, { when, say }] of all.entries()) {
      const at: Path = ['slots', slot, 'validation', 'rejections', i];
      checkCondition({ source: domain.source, names, issues }, [...at, 'if'], when);
      if (!names.responses.has(say)) {
        issues.push(domain.source.issue([...at, 'utter'], `unknown response ${say}`, didYouMean(say, names.responses)));
      }
    }
  }
  const filled = readForms(domain, names.rejections);
  issues.push(...filled.issues);
  const owners = new Map<string, string>();
  const places = new Map<string, readonly PlacedStep[]>();
  const written = Object.entries(content.flows).map(([id, entry]): Flow => {
    const path = ['flows', id];
    if (id.startsWith(PATTERN_PREFIX) && !DEFAULT_FLOWS.some((it) => it.id === id)) {
      const known = DEFAULT_FLOWS.map((it) => it.id);
      issues.push(source.issue(path, `unknown pattern ${id}`, { ...didYouMean(id, known), part: 'key' }));
    }
    const read = readSteps(source, path, entry.steps, names);
    issues.push(...read.issues);
    places.set(id, read.steps);
    const wanted = (entry.nlu_trigger ?? []).map(({ intent }) => (typeof intent === 'string' ? intent : intent.name));
    for (const [i, intent] of wanted.entries()) {
      const at: Path = [...path, 'nlu_trigger', i, 'intent'];
      if (!intents.includes(intent))
        issues.push(source.issue(at, `unknown intent ${intent}`, didYouMean(intent, intents)));
      else if (owners.has(intent)) issues.push(source.issue(at, `intent ${intent} already has a flow`));
      else owners.set(intent, id);
    }
    if (entry.if !== undefined) checkCondition({ source, names, issues }, [...path, 'if'], entry.if);
    const steps = read.steps.map(({ step }) => step);
    if (wanted.length > 0 && steps.every(({ kind }) => kind === 'collect' || kind === 'noop')) {
      issues.push(source.issue([...path, 'steps'], 'a flow says a response: - action: utter_…'));
    }
    return {
      id,
      ...(entry.name !== undefined && { name: entry.name }),
      intents: wanted.length > 0 ? wanted : (DEFAULT_FLOWS.find((it) => it.id === id)?.intents ?? []),
      ...(entry.if !== undefined && { when: entry.if }),
      steps,
    };
  });
  const ruled = readRules(rules, {
    ...names,
    intents,
    forms: new Set(Object.keys(forms)),
    taken: new Set(owners.keys()),
  });
  issues.push(...ruled.issues);
  const wishes = [...owners.keys(), ...ruled.flows.flatMap((flow) => flow.intents)];
  const retrieved = retrievalFlows(domain, new Set(wishes));
  issues.push(...retrieved.issues);
  const flows = [...written, ...filled.flows, ...ruled.flows, ...retrieved.flows];
  if (issues.length === 0) {
    const all = new Map([...DEFAULT_FLOWS, ...flows].map((flow) => [flow.id, flow]));
    for (const { flow, step, message, hint } of graphProblems(all)) {
      const placed = places.get(flow)?.find((it) => it.step.id === step);
      if (placed) issues.push(source.issue(placed.path, message, { hint }));
    }
  }
  const answered = new Set([
    ...wishes,
    ...retrieved.flows.flatMap((flow) => flow.intents),
    ...DEFAULT_FLOWS.flatMap((flow) => flow.intents),
    ...slots.flatMap(({ fill }) => fill.flatMap((from) => (from.from === 'intent' ? [from.intent] : []))),
  ]);
  const warnings = intents.flatMap((intent, i) =>
    answered.has(intent) ? [] : [domain.source.issue(['intents', i], `no flow answers intent ${intent}`)],
  );
  return { flows, issues, warnings: [...filled.warnings, ...ruled.warnings, ...warnings] };
}
