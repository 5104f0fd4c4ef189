import { policyDecided, type Passage } from '../../events/decision.ts';
import { passagesFound } from '../../events/outside.ts';
import { defineReaction, type Context } from '../../shared/function/define.ts';

/** What this function asks of the outside world. */
export interface Searching {
  /** The best passages of the tenant's articles for a question, the best first. */
  readonly searchKnowledge: (question: KnowledgeQuestion) => Promise<KnowledgeAnswer>;
}

export interface KnowledgeQuestion {
  readonly tenant: string;
  readonly query: string;
  /** The language that the bot speaks in this turn. */
  readonly locale: string;
}

export interface KnowledgeAnswer {
  readonly passages: readonly Passage[];
  /** Whether the best passage is likely enough to be said. */
  readonly answered: boolean;
  /** Names what compared question and passages. */
  readonly model: string;
}

/** Looks up what the policy wants to know. */
export const knowledge = defineReaction({
  name: 'knowledge',
  on: [policyDecided],
  kinds: ['search'],
  emits: [passagesFound],
  limits: { timeoutMs: 2_000, attempts: 2 },
  failure: 'step-failed',

  async handle({ data: { act, locale }, tenant }, { ports }: Context<Searching>) {
    if (act.kind !== 'search') return [];
    const { passages, answered, model } = await ports.searchKnowledge({ tenant, query: act.query, locale });
    return [passagesFound({ passages: [...passages], answered, model })];
  },
});
