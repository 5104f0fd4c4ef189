// @ts-check
import { h } from './dom.js';
import { say } from './words.js';

/** @typedef {{ element: HTMLLIElement, text: string, id: string }} Draft */

/** What was said here and is not seen in the log yet. */
export function unsent() {
  /** @type {Draft[]} */
  let drafts = [];
  return {
    /**
     * What is being sent from now on.
     *
     * @param {HTMLLIElement} element
     * @param {string} text
     * @returns {Draft} its id is to be set once it is known
     */
    add(element, text) {
      element.classList.add('sending');
      const draft = { element, text, id: '' };
      drafts.push(draft);
      return draft;
    },
    /**
     * What an event in the log was here, if it was said here; it is unsent no more.
     *
     * @param {string} id
     * @param {string} text
     */
    seen(id, text) {
      // The log may know it before the answer to the request says its id.
      const mine = drafts.find((d) => d.id === id) ?? drafts.find((d) => d.id === '' && d.text === text);
      drafts = drafts.filter((d) => d !== mine);
      return mine;
    },
    clear() {
      drafts = [];
    },
    elements: () => drafts.map(({ element }) => element),
  };
}

/**
 * Says beside a message why it was not sent, and lets it be tried again.
 *
 * @param {HTMLElement} element
 * @param {string} why
 * @param {() => void} again
 */
export function notSent(element, why, again) {
  element.classList.remove('sending');
  element.classList.add('failed');
  const retry = () => {
    line.remove();
    element.classList.remove('failed');
    element.classList.add('sending');
    again();
  };
  const line = h(
    'p',
    { class: 'trouble', role: 'alert' },
    `${say('notSent')} ${why} `,
    h('button', { type: 'button', click: retry }, say('tryAgain')),
  );
  element.append(line);
}
