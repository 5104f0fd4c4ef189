// @ts-check
import { icon, part } from './dom.js';

/**
 * Where a message is written: Enter sends it, Shift+Enter begins a line, and the field grows with its text.
 *
 * @param {{ onSend: (text: string) => void, onWriting?: () => void }} options
 */
export function composer({ onSend, onWriting = () => undefined }) {
  const form = part('composer', HTMLFormElement);
  const field = part('said', HTMLTextAreaElement);
  const button = part('send', HTMLButtonElement);

  function grow() {
    field.style.height = 'auto';
    field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
    button.disabled = field.disabled || field.value.trim() === '';
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (text === '' || field.disabled) return;
    field.value = '';
    grow();
    onSend(text);
  });
  field.addEventListener('keydown', (event) => {
    // While characters are being composed, Enter belongs to the input method.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  field.addEventListener('input', () => {
    grow();
    if (field.value !== '') onWriting();
  });
  button.append(icon('send'));

  return {
    /**
     * Whether something may be written, and what stands there until it is. Returns whether it may be from now on.
     *
     * @param {{ disabled: boolean, placeholder: string }} now
     */
    allow({ disabled, placeholder }) {
      const could = field.disabled;
      field.disabled = disabled;
      field.placeholder = placeholder;
      grow();
      return could && !disabled;
    },
    focus: () => field.focus(),
  };
}
