import { policyDecided, type Act } from '../../events/decision.ts';
import type { DataOf, Draft } from '../../events/define.ts';
import { answerFailed, answerGenerated, flowSuggested } from '../../events/outside.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { defineReaction, type Context } from '../../shared/function/define.ts';
import { citedIn } from './answer.ts';
import { objectionTo } from './check.ts';
import { mask, type Personal } from './mask.ts';
import { answerPrompt, choiceIn, choicePrompt, NO_ANSWER, systemOf, type Prompt } from './prompt.ts';
import { personalSlots, wishesOf } from './known.ts';

/** What this function asks of the outside world. */
export interface Generating {
  readonly botOf: (hash: string) => Promise<Bot>;
  /** What tells by itself who somebody is, in a text. */
  readonly personalIn: (text: string, locale: string) => Promise<readonly Personal[]>;
  /** Asks a tenant's language model. Never fails for what that does; fails where the platform cannot ask. */
  readonly complete: (tenant: string, prompt: Prompt, signal: AbortSignal) => Promise<Completion>;
}

type FailureReason = DataOf<typeof answerFailed>['reason'];

/** What a language model wrote, or why there is nothing. */
export type Completion =
  | { readonly kind: 'said'; readonly text: string; readonly model: string; readonly tokens: number }
  | { readonly kind: 'failed'; readonly reason: FailureReason };

/** Longer than a model may take, shorter than the acknowledgement wait. */
const TIMEOUT_MS = 4_500;

interface Asked {
  readonly bot: Bot;
  readonly tenant: string;
  readonly locale: string;
  readonly slots: Readonly<Record<string, string>>;
}

/**
 * Has a language model put passages into words, or choose among the intents that it is shown. What it says is an event
 * like any other, so it is asked once; the policy decides what follows, and an answer that must not be said is none.
 */
export const generate = defineReaction({
  name: 'generate',
  on: [policyDecided],
  kinds: ['generate', 'choose'],
  emits: [answerGenerated, flowSuggested, answerFailed],
  limits: { timeoutMs: TIMEOUT_MS, attempts: 1 },
  failure: 'step-failed',

  async handle({ data, time, tenant }, { now, ports, signal }: Context<Generating>) {
    const { act, locale, snapshot, timer } = data;
    if (act.kind !== 'generate' && act.kind !== 'choose') return [];
    // Nobody waits for it any more.
    if (timer && now.getTime() - Date.parse(time) >= timer.afterMs) return [answerFailed({ reason: 'timed-out' })];
    const state = snapshot.state as { bot?: { hash: string } | null; slots?: Readonly<Record<string, string>> };
    const bot = await ports.botOf(state.bot?.hash ?? '');
    const asked: Asked = { bot, tenant, locale, slots: { ...state.slots, ...data.slots } };
    return [
      act.kind === 'generate' ? await answered(act, asked, ports, signal) : await chosen(act, asked, ports, signal),
    ];
  },
});

/** An answer in the model's words, restored and checked. */
async function answered(
  { query, passages }: Extract<Act, { kind: 'generate' }>,
  asked: Asked,
  ports: Generating,
  signal: AbortSignal,
): Promise<Draft<'answer.generated', DataOf<typeof answerGenerated>> | ReturnType<typeof answerFailed>> {
  const { bot, tenant, locale } = asked;
  const personal = await personalOf(query, asked, ports);
  const masked = mask([query, ...passages.flatMap(({ title, text }) => [title, text])], personal);
  const [question = '', ...given] = masked.texts;
  const shown = passages.map((_, i) => ({ title: given[i * 2] ?? '', text: given[i * 2 + 1] ?? '' }));
  const prompt = answerPrompt(question, shown, locale);
  const said = await ports.complete(tenant, prompt, signal);
  if (said.kind === 'failed') return answerFailed({ reason: said.reason });
  // The passages do not answer the question, says the model.
  if (said.text.trim() === NO_ANSWER) return answerFailed({ reason: 'refused', check: 'no-answer' });
  const cited = citedIn(said.text, passages);
  if (!cited) return answerFailed({ reason: 'unfit', check: 'cites' });
  const text = masked.restore(cited.text);
  if (text === undefined) return answerFailed({ reason: 'unfit', check: 'placeholder' });
  const check = objectionTo(text, {
    passages: passages.flatMap(({ title, text: it, url = '' }) => [title, it, url]),
    question: query,
    system: systemOf(prompt),
    locale,
    neverSay: bot.settings.neverSay ?? [],
    personal: (await ports.personalIn(text, locale)).map(({ value }) => value),
  });
  if (check) return answerFailed({ reason: 'unfit', check });
  return answerGenerated({ text, cites: cited.cites.map((it) => ({ ...it })), model: said.model, tokens: said.tokens });
}

/** The intent that the model takes to be meant, of those that it was shown. */
async function chosen(
  { query, options }: Extract<Act, { kind: 'choose' }>,
  asked: Asked,
  ports: Generating,
  signal: AbortSignal,
): Promise<ReturnType<typeof flowSuggested> | ReturnType<typeof answerFailed>> {
  const { texts } = mask([query], await personalOf(query, asked, ports));
  const prompt = choicePrompt(texts[0] ?? '', wishesOf(asked.bot, options, asked.locale));
  const said = await ports.complete(asked.tenant, prompt, signal);
  if (said.kind === 'failed') return answerFailed({ reason: said.reason });
  const choice = choiceIn(said.text, options.length);
  if (choice === undefined) return answerFailed({ reason: 'malformed' });
  const intent = choice === 'none' ? undefined : options[choice];
  return flowSuggested({ ...(intent !== undefined && { intent }), model: said.model, tokens: said.tokens });
}

const personalOf = async (
  query: string,
  { bot, slots, locale }: Asked,
  { personalIn }: Generating,
): Promise<readonly Personal[]> => [...personalSlots(bot, slots), ...(await personalIn(query, locale))];
