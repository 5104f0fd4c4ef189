// @ts-check
/** @import { Turn } from './model.js' */
/** @import { SessionEvent } from './sse.js' */
import { emptyModel, take } from './model.js';

/**
 * @typedef {{
 *   show: (event: SessionEvent) => void,
 *   clear: () => void,
 *   pending: () => readonly HTMLLIElement[],
 *   restore: (unsent: readonly HTMLLIElement[]) => void,
 * }} Chat
 * @typedef {{ show: (turn: Turn) => void, clear: () => void }} Timeline
 */

/**
 * What has happened in one conversation, as its chat and its timeline show it.
 *
 * @param {{ chat: Chat, timeline: Timeline }} views
 */
export function storyView({ chat, timeline }) {
  let model = emptyModel();
  /** @type {SessionEvent[]} Everything shown, to show it again in the other language. */
  let events = [];

  const empty = () => {
    model = emptyModel();
    events = [];
    chat.clear();
    timeline.clear();
  };
  /** @param {SessionEvent} event */
  const show = (event) => {
    events.push(event);
    const turn = take(model, event);
    chat.show(event);
    if (turn) timeline.show(turn);
  };

  return {
    /** Up to where it is told. */
    get position() {
      return model.position;
    },
    get isClosed() {
      return model.state.phase === 'closed';
    },
    /**
     * Tells what has happened; each event once. Returns whether it was new.
     *
     * @param {SessionEvent} event
     */
    take(event) {
      if (event.position <= model.position) return false;
      show(event);
      return true;
    },
    clear: empty,
    /** Tells all of it again, in the language that is spoken now. */
    again() {
      const [all, unsent] = [events, chat.pending()];
      empty();
      all.forEach(show);
      chat.restore(unsent);
    },
  };
}
