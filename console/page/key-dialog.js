// @ts-check
import { h } from './dom.js';
import { apiKey } from './store.js';
import { say } from './words.js';

/**
 * The question for an API key, made before the page is labelled.
 *
 * @param {() => void} onChange called when there is another key
 */
export function keyDialog(onChange) {
  const why = h('p', { id: 'key-why', 'data-words': 'keyText' });
  const value = h('input', {
    id: 'key-value',
    type: 'password',
    spellcheck: 'false',
    autocomplete: 'off',
    placeholder: 'ts_…',
  });
  const cancel = h('button', { type: 'button', class: 'tool', 'data-words': 'cancel', click: () => dialog.close() });
  const save = h('button', { type: 'submit', class: 'tool solid', 'data-words': 'save' });
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    apiKey.set(value.value.trim());
    dialog.close();
    onChange();
  };
  const form = h(
    'form',
    { method: 'dialog', submit },
    h('h2', { id: 'key-title', 'data-words': 'apiKey' }),
    why,
    h('label', { for: 'key-value', 'data-words': 'keyLabel' }),
    value,
    h('div', { class: 'actions' }, cancel, save),
  );
  const dialog = h('dialog', { id: 'key-dialog', 'aria-labelledby': 'key-title' }, form);
  document.body.append(dialog);
  return {
    /** @param {string} [because] */
    ask(because) {
      if (dialog.open) return;
      why.textContent = because ?? say('keyText');
      value.value = apiKey.get();
      dialog.showModal();
    },
  };
}
