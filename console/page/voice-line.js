// @ts-check
/** @import { VoiceLine, VoiceLineOptions, VoiceLineEnd } from './voice-line.js' */

const PROTOCOL = 'voice.turnstream';
const NUMBER_BYTES = 4;
/** Sound that the platform may not have yet: thirty seconds of frames of 20 ms. */
const MOST_KEPT = 1_500;
/** The platform gives a lost call up after fifteen. */
const GIVE_UP_MS = 14_000;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 2_000;

/**
 * The client's side of docs/voice-protocol.md: keeps what the platform does not have yet, and comes back after a lost
 * socket with nothing missing and nothing twice.
 *
 * @param {VoiceLineOptions} options
 * @returns {VoiceLine}
 */
export function voiceLine({ url, format, on }) {
  /** @type {Map<number, Uint8Array<ArrayBuffer>>} */
  const kept = new Map();
  /** @type {string[]} Said while there was no line. */
  let unsaid = [];
  /** @type {WebSocket | undefined} */
  let socket;
  let stream = '';
  let sent = 0;
  let lastHeard = 0;
  let lastMark = '';
  /** What waited was thrown away: marks that are told now were not heard. */
  let isClearing = false;
  let isOpen = false;
  let isOver = false;
  /** Since when the line is lost. */
  let lostAt = 0;
  let wait = FIRST_WAIT_MS;

  /** @param {VoiceLineEnd} reason */
  const end = (reason) => {
    if (isOver) return;
    isOver = true;
    isOpen = false;
    socket?.close();
    on.ended(reason);
  };
  /**
   * @param {string} type
   * @param {object} [more]
   */
  const say = (type, more = {}) => {
    const text = JSON.stringify({ type, ...more });
    if (isOpen) socket?.send(text);
    else unsaid.push(text);
  };

  async function connect() {
    /** @type {string} */
    let address;
    try {
      address = await url();
    } catch {
      lost();
      return;
    }
    if (isOver) return;
    const mine = new WebSocket(address, PROTOCOL);
    socket = mine;
    mine.binaryType = 'arraybuffer';
    mine.addEventListener('open', () => {
      const mark = lastMark === '' ? {} : { mark: lastMark };
      const resume = stream === '' ? {} : { resume: { stream, lastSeq: lastHeard, ...mark } };
      mine.send(JSON.stringify({ type: 'open', format, ...resume }));
    });
    mine.addEventListener('message', ({ data }) => {
      if (mine !== socket || isOver) return;
      if (typeof data === 'string') hear(JSON.parse(data));
      else sound(new Uint8Array(data));
    });
    mine.addEventListener('close', () => {
      if (mine === socket) lost();
    });
    // A close follows, which says all there is to know.
    mine.addEventListener('error', () => undefined);
  }

  function lost() {
    if (isOver) return;
    const now = performance.now();
    const wasOpen = isOpen;
    isOpen = false;
    socket = undefined;
    if (stream === '') {
      end('refused');
      return;
    }
    if (wasOpen) {
      lostAt = now;
      wait = FIRST_WAIT_MS;
      on.away();
    }
    if (now - lostAt > GIVE_UP_MS) {
      end('lost');
      return;
    }
    setTimeout(() => {
      if (!isOver) void connect();
    }, wait);
    wait = Math.min(LONGEST_WAIT_MS, wait * 2);
  }

  /** @param {Uint8Array} frame */
  function sound(frame) {
    const number = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
    if (number <= lastHeard) return;
    lastHeard = number;
    on.sound(frame.subarray(NUMBER_BYTES));
  }

  /** @param {any} said */
  function hear(said) {
    switch (said.type) {
      case 'opened': {
        const again = stream !== '';
        stream = said.stream;
        isOpen = true;
        forget(said.lastSeq);
        for (const frame of [...kept.values(), ...unsaid]) socket?.send(frame);
        unsaid = [];
        on.opened(stream, again);
        break;
      }
      case 'have':
        forget(said.lastSeq);
        break;
      case 'mark':
        on.mark(said.name);
        break;
      case 'clear':
        isClearing = true;
        on.clear();
        break;
      case 'pause':
        on.pause();
        break;
      case 'resume':
        on.resume();
        break;
      case 'partial':
        on.partial(said.utterance, said.text);
        break;
      case 'transfer':
        end('transferred');
        break;
      case 'stop':
        // Before a line was open, or was open again, it is a refusal.
        end(isOpen ? 'stopped' : stream === '' ? 'refused' : 'lost');
        break;
      default:
      // A newer platform may say more.
    }
  }

  /** @param {number} upTo */
  function forget(upTo) {
    for (const number of kept.keys()) if (number <= upTo) kept.delete(number);
  }

  void connect();
  return {
    send(bytes) {
      if (isOver) return;
      sent += 1;
      const frame = new Uint8Array(NUMBER_BYTES + bytes.length);
      new DataView(frame.buffer).setUint32(0, sent);
      frame.set(bytes, NUMBER_BYTES);
      kept.set(sent, frame);
      kept.delete(sent - MOST_KEPT);
      if (isOpen) socket?.send(frame);
    },
    press: (digit) => say('dtmf', { digit }),
    mark(name) {
      if (!isClearing) lastMark = name;
      say('mark', { name });
    },
    cleared() {
      isClearing = false;
      say('cleared');
    },
    stop() {
      say('stop');
      end('stopped');
    },
    drop() {
      socket?.close();
    },
  };
}
