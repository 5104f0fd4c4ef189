// @ts-check
/** @import { PartialWords, SessionEvent } from './sse.js' */
/** @import { Sound } from './sound.js' */
/** @import { VoiceLine, VoiceLineEnd } from './voice-line.js' */
/** @import { Word } from './words.js' */
import { voiceTicket } from './api.js';
import { callStory } from './call-story.js';
import { h, icon, part } from './dom.js';
import { openSound } from './sound.js';
import { voiceLine } from './voice-line.js';
import { waveView } from './wave.js';
import { say } from './words.js';

/** Two rows of six. */
const KEYS = '12345*67890#';
/** @type {Readonly<Record<VoiceLineEnd, Word>>} */
const ENDS = { stopped: 'callOver', transferred: 'callTransferred', refused: 'callRefused', lost: 'callLost' };

/**
 * The microphone button, and a call as it happens.
 *
 * @param {{ session: () => Promise<string> }} options gives the session to call in; it may have to be opened
 */
export function callView({ session }) {
  const panel = part('call', HTMLElement);
  const button = part('microphone', HTMLButtonElement);
  const leave = part('hang-up', HTMLButtonElement);
  const keypad = part('keypad', HTMLElement);
  const toggle = part('show-keypad', HTMLButtonElement);
  const story = callStory(part('call-lines', HTMLOListElement));
  const canvas = part('wave', HTMLCanvasElement);
  const wave = waveView(canvas);
  /** @type {Sound | undefined} */
  let sound;
  /** @type {VoiceLine | undefined} */
  let line;
  /** @type {Word} */
  let state = 'callOver';
  let isOn = false;
  /** The call of somebody else in this session, by telephone; '' for none. */
  let theirs = '';

  /** @param {Word} now */
  const become = (now) => {
    state = now;
    panel.dataset['kind'] = kindOf(now);
    button.classList.toggle('on', isOn);
    button.setAttribute('aria-pressed', String(isOn));
    toggle.hidden = !isOn;
    if (!isOn) keypad.hidden = true;
    words();
  };
  /** @param {Word} now */
  const kindOf = (now) => {
    if (isOn) return now === 'callOn' ? 'live' : 'waiting';
    return now === 'callByPhone' ? 'live' : 'idle';
  };
  const words = () => {
    part('call-state', HTMLElement).textContent = say(state);
    leave.textContent = say(isOn ? 'hangUp' : 'closeCall');
  };
  /** @param {Word} why */
  const over = (why) => {
    isOn = false;
    sound?.stop();
    sound = undefined;
    line = undefined;
    become(why);
  };

  /** Shows the call of somebody else, unless it was closed. */
  const lookOn = () => {
    if (!panel.hidden || theirs === '') return;
    canvas.hidden = true;
    panel.hidden = false;
    become('callByPhone');
  };

  async function begin() {
    panel.hidden = false;
    canvas.hidden = false;
    theirs = '';
    story.clear();
    wave.clear();
    isOn = true;
    become('callConnecting');
    try {
      const id = await session();
      sound = await openSound((told) => {
        switch (told.kind) {
          case 'frame':
            wave.add(told.samples, told.played);
            line?.send(new Uint8Array(told.samples.buffer));
            break;
          case 'mark':
            line?.mark(told.name);
            break;
          case 'cleared':
            for (const name of told.marks) line?.mark(name);
            line?.cleared();
            break;
          default:
        }
      });
      // Hung up while the browser asked for the microphone.
      if (!isOn) {
        over('callOver');
        return;
      }
      line = connect(id, sound);
    } catch (error) {
      const { name } = /** @type {Error} */ (error);
      over(name === 'NotAllowedError' ? 'micRefused' : name === 'NotFoundError' ? 'micMissing' : 'callRefused');
    }
  }

  /**
   * @param {string} id
   * @param {Sound} ears
   */
  const connect = (id, ears) =>
    voiceLine({
      format: { codec: 'l16', rate: ears.rate },
      async url() {
        const { ticket } = await voiceTicket(id);
        return `${location.origin.replace(/^http/u, 'ws')}/v1/voice/turnstream?ticket=${encodeURIComponent(ticket)}`;
      },
      on: {
        opened: () => become('callOn'),
        away: () => become('callAway'),
        // A copy of its own, as the thread of sound takes it over; samples stand at even addresses.
        sound: (bytes) => ears.tell({ kind: 'play', samples: new Int16Array(bytes.slice().buffer) }),
        mark: (name) => ears.tell({ kind: 'mark', name }),
        clear: () => ears.tell({ kind: 'clear' }),
        pause: () => ears.tell({ kind: 'pause' }),
        resume: () => ears.tell({ kind: 'resume' }),
        partial: (utterance, text) => story.partial(utterance, text),
        ended: (reason) => over(ENDS[reason]),
      },
    });

  button.append(icon('microphone'));
  button.addEventListener('click', () => {
    if (isOn) hangUp();
    else void begin();
  });
  leave.addEventListener('click', () => {
    if (isOn) hangUp();
    else {
      panel.hidden = true;
      theirs = '';
    }
  });
  toggle.addEventListener('click', () => {
    keypad.hidden = !keypad.hidden;
    toggle.setAttribute('aria-expanded', String(!keypad.hidden));
  });
  keypad.append(...Array.from(KEYS, (key) => h('button', { type: 'button', click: () => line?.press(key) }, key)));
  words();

  function hangUp() {
    if (line) line.stop();
    else over('callOver');
  }

  return {
    /**
     * @param {SessionEvent} event
     * @param {boolean} isNow it was not read afterwards: calls that are over are not shown again
     */
    show(event, isNow) {
      const { type, data } = event;
      if (type === 'call.started' && !isOn) {
        story.clear();
        theirs = data.call;
      }
      if (isOn || theirs !== '' || !panel.hidden) story.show(event);
      if (type === 'call.ended' && data.call === theirs) {
        theirs = '';
        become('callOver');
      } else if (isNow) lookOn();
    },
    /** @param {PartialWords} words */
    partial({ call, utterance, text }) {
      // Those of a call of one's own come over its own line, and sooner.
      if (call !== theirs) return;
      lookOn();
      story.partial(utterance, text);
    },
    /** The page goes to another session. */
    leave() {
      if (isOn) hangUp();
      theirs = '';
      panel.hidden = true;
    },
    /** The language has changed. */
    words,
  };
}
