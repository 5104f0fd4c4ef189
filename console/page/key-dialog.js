// @ts-check
import { part } from './dom.js';
import { apiKey } from './store.js';
import { say } from './words.js';

/**
 * The question for an API key.
 *
 * @param {() => void} onChange called when there is another key
 */
export function keyDialog(onChange) {
  const dialog = part('key-dialog', HTMLDialogElement);
  const value = part('key-value', HTMLInputElement);
  part('key-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close());
  part('key-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    apiKey.set(value.value.trim());
    dialog.close();
    onChange();
  });
  return {
    /** @param {string} [why] */
    ask(why) {
      if (dialog.open) return;
      part('key-why', HTMLElement).textContent = why ?? say('keyText');
      value.value = apiKey.get();
      dialog.showModal();
    },
  };
}
