// @ts-check
import { h, part } from './dom.js';
import { label } from './label.js';
import { chosenLanguage } from './store.js';
import { language, preferred, say, speak } from './words.js';

// What stands around the conversation on every page.

/**
 * The parts of the page of which a narrow window shows one at a time, each with a button of its own. Returns what shows
 * one.
 *
 * @template {string} Name
 * @param {readonly Name[]} names
 * @param {(shown: Name) => void} onShow
 */
export function panes(names, onShow) {
  /** @param {Name} which */
  const show = (which) => {
    document.body.dataset['pane'] = which;
    for (const name of names) {
      part(`show-${name}`, HTMLButtonElement).setAttribute('aria-pressed', String(name === which));
    }
    onShow(which);
  };
  for (const name of names) part(`show-${name}`, HTMLButtonElement).addEventListener('click', () => show(name));
  return show;
}

/**
 * Speaks the language that was chosen before, or that the browser asks for, and the other one when a button is pressed.
 *
 * @param {() => void} redraw called at once and with each change, once the fixed parts of the page are labelled
 */
export function speakChosen(redraw) {
  const again = () => {
    label();
    redraw();
  };
  part('language', HTMLButtonElement).addEventListener('click', () => {
    speak(language() === 'en' ? 'zh' : 'en');
    chosenLanguage.set(language());
    again();
  });
  const chosen = chosenLanguage.get();
  speak(chosen === 'en' || chosen === 'zh' ? chosen : preferred());
  again();
}

/**
 * Names the session that is shown, if there is one.
 *
 * @param {string} session
 */
export function nameSession(session) {
  part('session-text', HTMLElement).replaceChildren(
    ...(session === '' ? [] : [`${say('session')} `, h('code', {}, session)]),
  );
}
