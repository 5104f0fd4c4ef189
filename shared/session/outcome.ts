import type { ConversationEvent } from '../../events/catalogue.ts';
import type { Passage } from '../../events/decision.ts';
import type { DialogueState, Outcome } from './state.ts';
import { whole } from './understood.ts';

/** As much of what was found as a state has room for. */
const PASSAGES_KEPT = 3;
const PASSAGE_KEPT = 400;
const TITLE_KEPT = 80;
const CITES_KEPT = 4;
const URL_KEPT = 200;
/** The longest generated answer, in UTF-16 code units. */
export const ANSWER_KEPT = 1_200;
const SLOTS_KEPT = 1_000;

type FromOutside = Extract<
  ConversationEvent,
  {
    type:
      'action.completed' | 'action.failed' | 'passages.found' | 'answer.generated' | 'flow.suggested' | 'answer.failed';
  }
>;

/** The state once something came back from outside; unchanged where nobody waits for it any more. */
export function withOutcome(state: DialogueState, decision: string | undefined, outcome: Outcome): DialogueState {
  const { pending } = state;
  if (!pending || pending.decision !== decision || pending.outcome) return state;
  // What there was to say without an answer is not needed beside one, and the state has no room for both.
  const { best, ...others } = pending;
  const kept = outcome.kind === 'failed' && best ? { ...others, best } : others;
  return {
    ...state,
    pending: { ...kept, outcome },
    timers: state.timers.filter(({ purpose }) => purpose !== 'deadline'),
  };
}

/** What an event says about what was asked of the outside world. */
export function outcomeOf(event: FromOutside): Outcome {
  switch (event.type) {
    case 'action.completed': {
      const { slots } = event.data;
      return JSON.stringify(slots).length > SLOTS_KEPT
        ? { kind: 'failed', reason: 'malformed' }
        : { kind: 'done', slots };
    }
    case 'passages.found':
      return {
        kind: 'found',
        answered: event.data.answered,
        passages: event.data.passages.slice(0, PASSAGES_KEPT).map(shortened),
      };
    case 'answer.generated': {
      const { text, cites } = event.data;
      if (text.length > ANSWER_KEPT) return { kind: 'failed', reason: 'malformed' };
      const kept = cites.slice(0, CITES_KEPT).map((c) => ({ ...c, id: `${c.article}@${c.version}` }));
      return {
        kind: 'answered',
        text,
        cites: kept.map(({ id }) => id),
        sources: [
          ...new Set(kept.map(({ title, id }) => (title === undefined ? id : whole(title.slice(0, TITLE_KEPT))))),
        ],
      };
    }
    case 'flow.suggested': {
      const { intent } = event.data;
      return { kind: 'suggested', ...(intent !== undefined && { intent }) };
    }
    case 'action.failed':
    case 'answer.failed':
      return { kind: 'failed', reason: event.data.reason };
  }
}

const shortened = ({ article, version, title, text, score, url }: Passage): Passage => ({
  article,
  version,
  title: whole(title.slice(0, TITLE_KEPT)),
  text: whole(text.slice(0, PASSAGE_KEPT)),
  score,
  ...(url !== undefined && url.length <= URL_KEPT && { url }),
});
