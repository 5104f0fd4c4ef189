// @ts-check
/** @import { SessionEvent } from './sse.js' */
/** @import { Draft } from './unsent.js' */
import { h, keepAtEnd, part, withLinks } from './dom.js';
import { notSent, unsent } from './unsent.js';
import { say } from './words.js';

/**
 * @typedef {{ text: string, payload?: string }} Said
 * @typedef {{ title: string, payload: string }} Button
 * @typedef {{ text: string, buttons: readonly Button[] }} Message
 */

/**
 * The conversation as the customer sees it.
 *
 * @param {{ onPress: (button: Button) => void, onWhy: (turn: string) => void }} options
 */
export function chatView({ onPress, onWhy }) {
  const list = part('messages', HTMLOListElement);
  const end = keepAtEnd(part('chat-scroll', HTMLElement));
  const welcome = part('welcome', HTMLElement);
  const drafts = unsent();
  /** @type {Map<string, HTMLLIElement>} What was said, by turn, for as long as it is not answered. */
  const open = new Map();
  const typing = h('li', { class: 'typing', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'));

  /** @param {HTMLLIElement} element */
  const add = (element) => {
    welcome.hidden = true;
    list.append(element);
    if (open.size > 0) list.append(typing);
    else typing.remove();
    end.added();
  };
  const settle = () => {
    if (open.size === 0) typing.remove();
  };
  const dropButtons = () => list.querySelectorAll('.choices').forEach((old) => old.remove());

  /** @param {string} text */
  const note = (text) => add(h('li', { class: 'note' }, h('span', {}, text)));

  /**
   * @param {readonly Message[]} messages
   * @param {string | undefined} turn
   * @param {string} [prefix]
   */
  const reply = (messages, turn, prefix) => {
    dropButtons();
    messages.forEach(({ text, buttons }, i) => {
      const last = i === messages.length - 1;
      const why =
        last &&
        turn !== undefined &&
        h('button', { type: 'button', class: 'why', click: () => onWhy(turn) }, say('why'));
      const bubble = h('div', { class: 'bubble' }, prefix && h('small', {}, prefix), h('p', {}, withLinks(text)));
      const who = h('span', { class: 'unseen' }, `${say('bot')}: `);
      add(
        h(
          'li',
          { class: 'from-bot', ...(turn && { 'data-turn': turn }) },
          who,
          bubble,
          why,
          choicesOf(buttons, onPress),
        ),
      );
    });
  };

  return {
    /**
     * Shows at once what is being sent.
     *
     * @param {Said} said
     * @returns {Draft}
     */
    draft(said) {
      dropButtons();
      const draft = drafts.add(said_(said.text), said.text);
      add(draft.element);
      end.go();
      return draft;
    },
    /**
     * @param {Draft} draft
     * @param {string} id
     */
    sent(draft, id) {
      draft.id = id;
      draft.element.classList.remove('sending');
    },
    /**
     * @param {Draft} draft
     * @param {string} why
     * @param {() => void} again
     */
    failed(draft, why, again) {
      notSent(draft.element, why, again);
    },
    /**
     * Shows what has happened.
     *
     * @param {SessionEvent} event
     */
    show(event) {
      const { type, turn, data } = event;
      switch (type) {
        case 'utterance.received': {
          const mine = drafts.seen(event.id, data.text);
          const element = mine?.element ?? said_(data.text);
          element.classList.remove('sending', 'failed');
          element.querySelector('.trouble')?.remove();
          element.dataset['turn'] = event.id;
          open.set(event.id, element);
          if (!mine) dropButtons();
          add(element);
          break;
        }
        case 'turn.replied':
        case 'turn.handed-off':
          open.delete(turn ?? '');
          reply(data.messages, turn);
          if (type === 'turn.handed-off' && data.messages.length > 0) note(say('handedOff'));
          break;
        case 'turn.dead-lettered':
          open.delete(turn ?? '');
          note(say('noAnswer'));
          break;
        case 'turn.superseded':
          open.delete(turn ?? '');
          break;
        case 'customer.reminded':
          reply(data.messages, turn, say('reminder'));
          break;
        case 'call.greeted':
          reply(data.messages, undefined);
          break;
        case 'agent.replied':
          reply(data.messages, undefined, data.agent ?? say('person'));
          break;
        case 'policy.decided':
          if (data.act.kind === 'hand-back') note(say('botAgain'));
          break;
        case 'session.closed':
          note(say('closedNote'));
          break;
        case 'session.resumed':
          note(say('resumedNote'));
          break;
        default:
      }
      settle();
    },
    clear() {
      list.replaceChildren();
      open.clear();
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
}

/** @param {string} text */
const said_ = (text) =>
  h(
    'li',
    { class: 'from-you' },
    h('span', { class: 'unseen' }, `${say('you')}: `),
    h('div', { class: 'bubble' }, h('p', {}, text)),
  );

/**
 * @param {readonly Button[]} buttons
 * @param {(button: Button) => void} onPress
 */
function choicesOf(buttons, onPress) {
  if (buttons.length === 0) return undefined;
  return h(
    'div',
    { class: 'choices' },
    ...buttons.map((button) => h('button', { type: 'button', click: () => onPress(button) }, button.title)),
  );
}
