// @ts-check
import { known, say } from './words.js';

/** Puts the texts of the page's fixed parts in, wherever an attribute names one. */
export function label(root = document) {
  /** @type {[string, (element: HTMLElement, text: string) => void][]} */
  const attributes = [
    ['words', (element, text) => void (element.textContent = text)],
    ['label', (element, text) => element.setAttribute('aria-label', text)],
    ['placeholder', (element, text) => element.setAttribute('placeholder', text)],
    [
      'title',
      (element, text) => {
        element.title = text;
        element.setAttribute('aria-label', text);
      },
    ],
  ];
  for (const [name, put] of attributes) {
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(`[data-${name}]`))) {
      const word = known(element.dataset[name] ?? '');
      if (word) put(element, say(word));
    }
  }
}
