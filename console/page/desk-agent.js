// @ts-check
import { part } from './dom.js';
import { agentName } from './store.js';
import { say } from './words.js';

/**
 * Who sits at the desk: named by their key, or by themselves.
 *
 * @param {() => void} onChange called when they chose another name
 */
export function deskAgent(onChange) {
  const button = part('name', HTMLButtonElement);
  const dialog = part('name-dialog', HTMLDialogElement);
  let name = '';
  /** The name belongs to the key, and cannot be chosen. */
  let ofKey = false;

  button.addEventListener('click', () => dialog.showModal());
  part('name-form', HTMLFormElement).addEventListener('submit', () => {
    name = part('name-value', HTMLInputElement).value.trim();
    agentName.set(name);
    onChange();
  });

  return {
    get name() {
      return name;
    },
    /**
     * @param {string | undefined} keyName what the key names them, if it does
     */
    known(keyName) {
      if (keyName !== undefined) {
        name = keyName;
        ofKey = true;
      } else if (!ofKey) name = agentName.get();
    },
    /** There is another key: the next name may be anybody's. */
    anotherKey() {
      ofKey = false;
    },
    /** Asks who it is, where nobody knows. */
    ask() {
      if (name === '') dialog.showModal();
    },
    show() {
      button.textContent = name === '' ? say('yourName') : name;
      button.disabled = ofKey;
    },
  };
}
