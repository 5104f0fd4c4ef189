// @ts-check
/** @import { SessionEvent } from './sse.js' */
/** @import { Draft } from './unsent.js' */
import { h, keepAtEnd, part, withLinks } from './dom.js';
import { notSent, unsent } from './unsent.js';
import { say } from './words.js';

/** @typedef {{ text: string }} Message */

/** The conversation as the agent sees it: the customer on the left, the bot and the people on the right. */
export function deskChat() {
  const list = part('messages', HTMLOListElement);
  const end = keepAtEnd(part('chat-scroll', HTMLElement));
  const welcome = part('welcome', HTMLElement);
  const drafts = unsent();

  /** @param {HTMLLIElement} element */
  const add = (element) => {
    welcome.hidden = true;
    list.append(element);
    end.added();
  };
  /** @param {string} text */
  const note = (text) => add(h('li', { class: 'note' }, h('span', {}, text)));
  /**
   * @param {readonly Message[]} messages
   * @param {'by-bot' | 'by-person'} kind
   * @param {string} who
   */
  const told = (messages, kind, who) => messages.forEach(({ text }) => add(bubble(kind, who, text)));

  return {
    /**
     * Shows at once what is being sent.
     *
     * @param {string} text
     * @param {string} who
     * @returns {Draft}
     */
    draft(text, who) {
      const draft = drafts.add(bubble('by-person', who, text), text);
      add(draft.element);
      end.go();
      return draft;
    },
    /**
     * @param {Draft} draft
     * @param {string} why
     * @param {() => void} again
     */
    failed({ element }, why, again) {
      notSent(element, why, again);
    },
    /**
     * Shows what has happened.
     *
     * @param {SessionEvent} event
     */
    show({ id, type, data }) {
      switch (type) {
        case 'utterance.received':
          add(bubble('by-customer', say('customer'), data.text));
          break;
        case 'turn.replied':
        case 'turn.handed-off':
        case 'customer.reminded':
        case 'call.greeted':
          told(data.messages, 'by-bot', say('bot'));
          break;
        case 'agent.replied':
          drafts.seen(id, data.messages[0]?.text)?.element.remove();
          told(data.messages, 'by-person', data.agent);
          break;
        case 'policy.decided':
          decided(data.act);
          break;
        case 'session.closed':
          note(say('closedNote'));
          break;
        case 'session.resumed':
          note(say('resumedNote'));
          break;
        default:
      }
    },
    clear() {
      list.replaceChildren();
      drafts.clear();
      welcome.hidden = false;
    },
    /** What is being sent and not known to the log: it would be lost by a redraw. */
    pending: drafts.elements,
    /** @param {readonly HTMLLIElement[]} elements */
    restore(elements) {
      for (const element of elements) add(element);
    },
  };

  /** @param {Record<string, string> & { kind: string }} act */
  function decided(act) {
    const agent = act['agent'] ?? '';
    if (act.kind === 'hand-off') note(say('noteWaiting', { reason: act['reason'] ?? '' }));
    if (act.kind === 'take') note(say('noteTaken', { agent }));
    if (act.kind === 'hand-back') note(say('noteBack', { agent }));
    if (act.kind === 'ticket') note(say('noteTicket'));
  }
}

/**
 * @param {'by-customer' | 'by-bot' | 'by-person'} kind
 * @param {string} who
 * @param {string} text
 */
const bubble = (kind, who, text) =>
  h('li', { class: kind }, h('small', {}, who), h('div', { class: 'bubble' }, h('p', {}, withLinks(text))));
