// @ts-check
import { h } from './dom.js';
import { say } from './words.js';

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
