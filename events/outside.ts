import * as v from 'valibot';
import { Passage } from './decision.ts';
import { defineEvent } from './define.ts';
import { count, name, personalText, personalValue, record } from './fields.ts';

// What came back from outside. Each is caused by the decision that asked for it; one that comes after its decision has
// been given up, or a second one, changes nothing.

const FAILURES = ['timed-out', 'refused', 'unreachable', 'malformed', 'circuit-open'] as const;

/** An action of the customer's own systems was done; `slots` are the values that it gave. */
export const actionCompleted = defineEvent({
  type: 'action.completed',
  revision: 1,
  schema: v.strictObject({ action: name, slots: record(name, personalValue) }),
});

/** An action could not be done, or nobody knows whether it was. */
export const actionFailed = defineEvent({
  type: 'action.failed',
  revision: 1,
  schema: v.strictObject({ action: name, reason: v.picklist(FAILURES) }),
});

/** What the knowledge base has, best first. `answered`: the best is good enough to answer with. */
export const passagesFound = defineEvent({
  type: 'passages.found',
  revision: 1,
  schema: v.strictObject({ passages: v.array(Passage), answered: v.boolean(), model: name }),
});

/** A language model has put passages into an answer. */
export const answerGenerated = defineEvent({
  type: 'answer.generated',
  revision: 1,
  schema: v.strictObject({
    text: personalText,
    /** `title`: what the customer is told of it. */
    cites: v.array(v.strictObject({ article: name, version: name, title: v.exactOptional(personalText) })),
    model: name,
    tokens: count,
  }),
});

/** Which of the intents that it was shown a language model takes to be meant; none of them where there is no intent. */
export const flowSuggested = defineEvent({
  type: 'flow.suggested',
  revision: 1,
  schema: v.strictObject({ intent: v.exactOptional(name), model: name, tokens: count }),
});

/** A language model gave no answer that can be used: the passages themselves, or the customer's choice, have to do. */
export const answerFailed = defineEvent({
  type: 'answer.failed',
  revision: 1,
  schema: v.strictObject({
    /** `unfit`: what it said must not be said; `not-configured`: nobody has named a model for the tenant. */
    reason: v.picklist([...FAILURES, 'over-budget', 'unfit', 'not-configured']),
    /** What was wrong with what it said. */
    check: v.exactOptional(name),
  }),
});
