// @ts-check
/** @import { SessionEvent } from './sse.js' */
import { h } from './dom.js';
import { actText } from './timeline.js';
import { say } from './words.js';

/**
 * A call as it is heard: what is being said, what was made of it, what the bot decided and said, and how much of that
 * was heard.
 *
 * @param {HTMLOListElement} list
 */
export function callStory(list) {
  /** @type {Map<number, HTMLElement>} What the caller says, by utterance. */
  const utterances = new Map();
  /** @type {Map<string, { words: HTMLElement, note: HTMLElement, text: string }>} What the bot says, by its event. */
  const replies = new Map();
  let call = '';

  /**
   * @param {string} kind
   * @param {string} who
   * @param {...(Node | string)} children
   */
  const add = (kind, who, ...children) => {
    const line = h('li', { class: kind }, h('span', { class: 'who' }, who), ...children);
    list.append(line);
    line.scrollIntoView({ block: 'nearest' });
    return line;
  };
  /** @param {number} utterance */
  const said = (utterance) => {
    const known = utterances.get(utterance);
    if (known) return known;
    const words = h('span', { class: 'words partial' }, '…');
    utterances.set(utterance, words);
    add('you', say('you'), words);
    return words;
  };
  /**
   * @param {string} of
   * @param {string} kind
   * @param {string} note
   * @param {string} [heard]
   */
  const mark = (of, kind, note, heard) => {
    const reply = replies.get(of);
    if (!reply) return;
    reply.note.textContent = note;
    reply.words.dataset['heard'] = kind;
    const { text } = reply;
    if (heard === undefined) reply.words.replaceChildren(text);
    else reply.words.replaceChildren(text.slice(0, heard.length), h('s', {}, text.slice(heard.length)));
  };

  return {
    /**
     * Words that may still change.
     *
     * @param {number} utterance
     * @param {string} text
     */
    partial(utterance, text) {
      const words = said(utterance);
      if (words.classList.contains('partial') && text !== '') words.textContent = text;
    },
    /** @param {SessionEvent} event */
    show({ type, id, data }) {
      switch (type) {
        case 'call.started':
          call = data.call;
          break;
        case 'speech.started':
          if (data.call === call) said(data.utterance);
          break;
        case 'speech.transcribed':
        case 'speech.not-transcribed': {
          if (data.call !== call) break;
          const words = said(data.utterance);
          const isEmpty = (data.text ?? '') === '';
          words.classList.remove('partial');
          words.classList.toggle('nothing', isEmpty);
          words.textContent = isEmpty ? say('noWords') : data.text;
          break;
        }
        case 'digits.entered':
          add('you', say('keysPressed'), h('span', { class: 'words' }, data.digits));
          break;
        case 'policy.decided':
          add('decided', say('stepDecision'), actText({ ...data.act, response: data.says.at(-1)?.response ?? '' }));
          break;
        case 'turn.replied':
        case 'turn.handed-off':
        case 'customer.reminded':
        case 'call.greeted':
        case 'agent.replied': {
          if (type === 'call.greeted' && data.call !== call) break;
          const text = data.messages.map((/** @type {{ text: string }} */ m) => m.text).join('\n');
          if (text === '') break;
          const words = h('span', { class: 'words' }, text);
          const note = h('small', {}, say('saying'));
          replies.set(id, { words, note, text });
          add('bot', say(type === 'agent.replied' ? 'person' : 'bot'), words, note);
          break;
        }
        case 'playback.completed':
          mark(data.of, 'all', say('heardAll'));
          break;
        case 'playback.interrupted':
          mark(data.of, 'part', say(data.reason === 'no-speech' ? 'noVoice' : 'heardPart'), data.heard);
          break;
        case 'playback.resumed':
          mark(data.of, 'on', say('saying'));
          break;
        default:
      }
    },
    clear() {
      list.replaceChildren();
      utterances.clear();
      replies.clear();
      call = '';
    },
  };
}
