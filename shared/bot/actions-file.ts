import { LONGEST_MS, placeholdersIn, USUAL_MS, type ActionRule, type Json } from './actions.ts';
import type { ActionEntry, ActionsFile } from './actions-schema.ts';
import { answerCheck } from './answer-schema.ts';
import type { SlotRule } from './bot.ts';
import { DEFAULT_SLOTS } from './defaults/flows.ts';
import type { BotIssue } from './error.ts';
import { didYouMean } from './nearest.ts';
import type { DomainFile } from './schema.ts';
import type { Path } from './source.ts';
import type { Parsed } from './strict.ts';

/** What the platform itself says in each request. */
const TAKEN = /^(?:host|connection|content-(?:length|type|encoding)|transfer-encoding|idempotency-key|webhook-.*)$/iu;
const USUAL_DEADLINE_MS = 10_000;

/** Reads how the domain's actions are called; checks names, placeholders, addresses, times and schemas. */
export function readActions(
  { source, content }: Parsed<ActionsFile>,
  domain: Parsed<DomainFile>,
  {
    slots,
    outsideAfterMs = USUAL_DEADLINE_MS,
  }: { readonly slots: readonly SlotRule[]; readonly outsideAfterMs?: number },
): { readonly actions: readonly ActionRule[]; readonly issues: readonly BotIssue[] } {
  const issues: BotIssue[] = [];
  const declared = domain.content.actions;
  const known = [...slots, ...DEFAULT_SLOTS].map(({ name }) => name);
  const checkSlots = (path: Path, names: readonly string[]): void => {
    const wrong = names.find((name) => !known.includes(name));
    if (wrong !== undefined) issues.push(source.issue(path, `unknown slot ${wrong}`, didYouMean(wrong, known)));
  };
  const actions = Object.entries(content.actions).map(([name, entry]): ActionRule => {
    const path = ['actions', name];
    if (!declared.includes(name)) {
      const more = didYouMean(name, declared);
      issues.push(source.issue(path, `domain.yml declares no action ${name}`, { ...more, part: 'key' }));
    }
    const rule = ruleOf(name, entry);
    const { url, query, headers = {}, body, answer } = rule;
    const problem = addressProblem(url);
    if (problem !== undefined) issues.push(source.issue([...path, 'url'], problem));
    for (const [key, value] of Object.entries<Json | undefined>({ url, query, body })) {
      checkSlots([...path, key], placeholdersIn(value));
    }
    for (const slot of Object.keys(rule.slots)) checkSlots([...path, 'set_slots', slot], [slot]);
    for (const [status, values] of Object.entries(rule.statuses ?? {})) {
      checkSlots([...path, 'statuses', status], Object.keys(values));
    }
    for (const header of Object.keys(headers).filter((it) => TAKEN.test(it))) {
      issues.push(source.issue([...path, 'headers', header], `the platform sets ${header} itself`, { part: 'key' }));
    }
    if (body !== undefined && rule.method === 'GET') issues.push(source.issue([...path, 'body'], 'GET has no body'));
    const most = Math.min(LONGEST_MS, outsideAfterMs - 1);
    if (rule.timeoutMs > most) {
      const hint = most < LONGEST_MS ? 'action_timeout in bot.yml ends all waiting' : 'its repetitions included';
      issues.push(source.issue([...path, 'timeout'], `an action may take ${most} ms at most`, { hint }));
    }
    const wrong = schemaProblem(answer);
    if (wrong !== undefined) issues.push(source.issue([...path, 'answer'], wrong));
    return rule;
  });
  return { actions, issues };
}

function ruleOf(name: string, entry: ActionEntry): ActionRule {
  const { method, url, query, headers, body, answer, set_slots: slots, statuses, timeout, retries = 0 } = entry;
  return {
    name,
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    url,
    ...(query && { query: texts(query) }),
    ...(headers && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([header, value]) => [header, typeof value === 'string' ? { text: value } : value]),
      ),
    }),
    ...(body !== undefined && { body }),
    ...(answer !== undefined && { answer }),
    slots,
    ...(statuses && {
      statuses: Object.fromEntries(Object.entries(statuses).map(([status, values]) => [status, texts(values)])),
    }),
    timeoutMs: timeout === undefined ? USUAL_MS : milliseconds(timeout),
    retries,
  };
}

const texts = (values: Readonly<Record<string, string | number | boolean>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));

const milliseconds = (duration: string): number =>
  duration.endsWith('ms') ? Number(duration.slice(0, -2)) : Number(duration.slice(0, -1)) * 1_000;

/** Whatever a customer says, it never chooses the server. */
function addressProblem(url: string): string | undefined {
  if (/^\/(?!\/)/u.test(url)) return undefined;
  const origin = /^https?:\/\/[^/?#]+/iu.exec(url)?.[0];
  if (origin === undefined) return 'an address is a path such as /orders/{order_number}, or begins with https://';
  if (/[{}@\\]/u.test(origin)) return 'the server of an address is not filled in, and has no user';
  return URL.canParse(origin) ? undefined : 'this is not an address';
}

function schemaProblem(answer: Json | undefined): string | undefined {
  if (answer === undefined) return undefined;
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return 'a JSON Schema is an object';
  try {
    answerCheck(answer);
    return undefined;
  } catch (error) {
    return `not a JSON Schema that can be used: ${error instanceof Error ? error.message : 'unknown'}`;
  }
}
