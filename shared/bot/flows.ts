import type { Flow, SlotSource } from './bot.ts';
import type { BotIssue } from './error.ts';
import { didYouMean } from './nearest.ts';
import type { DomainFile, FlowsFile } from './schema.ts';
import type { Path, Source } from './source.ts';
import { ASK_PREFIX, END_ACTIONS } from './standard.ts';
import type { Parsed } from './strict.ts';

type FlowEntry = FlowsFile['flows'][string];

/** Reads what the bot does about each intent: one flow for every intent, so that no recognised wish goes unanswered. */
export function readFlows(
  { source, content }: Parsed<FlowsFile>,
  domain: Parsed<DomainFile>,
): { readonly flows: readonly Flow[]; readonly issues: readonly BotIssue[] } {
  const { intents } = domain.content;
  const issues: BotIssue[] = [];
  const flows = new Map<string, Flow>();
  for (const [id, entry] of Object.entries(content.flows)) {
    const path = ['flows', id];
    const steps = readSteps(source, path, entry, domain.content);
    issues.push(...steps.issues);
    for (const [i, { intent }] of entry.nlu_trigger.entries()) {
      const at = [...path, 'nlu_trigger', i, 'intent'];
      if (!intents.includes(intent))
        issues.push(source.issue(at, `unknown intent ${intent}`, didYouMean(intent, intents)));
      else if (flows.has(intent)) issues.push(source.issue(at, `intent ${intent} already has a flow`));
      else flows.set(intent, { intent, ...steps.flow });
    }
  }
  for (const [i, intent] of intents.entries()) {
    if (!flows.has(intent)) issues.push(domain.source.issue(['intents', i], `no flow answers intent ${intent}`));
  }
  return { flows: [...flows.values()], issues };
}

function readSteps(
  source: Source,
  path: Path,
  { steps }: FlowEntry,
  { slots, responses }: DomainFile,
): { readonly flow: Omit<Flow, 'intent'>; readonly issues: readonly BotIssue[] } {
  const issues: BotIssue[] = [];
  const collect: Flow['collect'][number][] = [];
  let response: string | undefined;
  let end: 'respond' | (typeof END_ACTIONS)[keyof typeof END_ACTIONS] | undefined;

  const knownResponse = (name: string, at: Path): void => {
    if (!Object.hasOwn(responses, name)) {
      issues.push(source.issue(at, `unknown response ${name}`, didYouMean(name, Object.keys(responses))));
    }
  };
  for (const [i, step] of steps.entries()) {
    const at = [...path, 'steps', i];
    if ((step.collect === undefined) === (step.action === undefined)) {
      issues.push(source.issue(at, 'a step is either collect or action'));
    } else if (end !== undefined) {
      issues.push(source.issue(at, 'nothing follows the step that ends a flow'));
    } else if (step.collect !== undefined) {
      const slot = step.collect;
      const ask = step.utter ?? ASK_PREFIX + slot;
      if (response !== undefined) issues.push(source.issue(at, 'slots are collected before the flow answers'));
      if (Object.hasOwn(slots, slot))
        knownResponse(ask, step.utter === undefined ? [...at, 'collect'] : [...at, 'utter']);
      else issues.push(source.issue([...at, 'collect'], `unknown slot ${slot}`, didYouMean(slot, Object.keys(slots))));
      const from = sourceOf(slots, slot);
      collect.push({ slot, ask, ...(from && { from }) });
    } else if (step.action?.startsWith('utter_')) {
      knownResponse(step.action, [...at, 'action']);
      if (response !== undefined) issues.push(source.issue(at, 'a flow says one response'));
      response = step.action;
    } else {
      end = endOf(step.action ?? '');
      if (!end) {
        const more = didYouMean(step.action ?? '', Object.keys(END_ACTIONS));
        issues.push(source.issue([...at, 'action'], `unknown action ${step.action ?? ''}`, more));
      }
    }
  }
  if (response === undefined)
    issues.push(source.issue([...path, 'steps'], 'a flow says a response: - action: utter_…'));
  return { flow: { collect, then: { kind: end ?? 'respond', response: response ?? '' } }, issues };
}

/** Where a slot's values come from, where that is not simply the entity of its name. */
function sourceOf(slots: DomainFile['slots'], slot: string): SlotSource | undefined {
  const mapping = Object.hasOwn(slots, slot) ? slots[slot]?.mappings[0] : undefined;
  if (!mapping) return undefined;
  const { entity, role, group } = mapping;
  if (entity === slot && role === undefined && group === undefined) return undefined;
  return { entity, ...(role !== undefined && { role }), ...(group !== undefined && { group }) };
}

function endOf(action: string): (typeof END_ACTIONS)[keyof typeof END_ACTIONS] | undefined {
  return Object.entries(END_ACTIONS).find(([name]) => name === action)?.[1];
}
