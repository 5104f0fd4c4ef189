// @ts-check
import { playQueue } from './play-queue.js';

// Runs in the thread that makes sound: cuts what the microphone hears into frames, and plays what is due.

const FRAME_MS = 20;
const LOUDEST = 32_767;

// What the thread of sound has; the browser's own types do not know it.
/** @type {any} */
const here = globalThis;
/** @type {new () => { readonly port: MessagePort }} */
const Processor = here.AudioWorkletProcessor;

class Line extends Processor {
  constructor() {
    super();
    this.size = Math.round((here.sampleRate * FRAME_MS) / 1_000);
    this.frame = new Int16Array(this.size);
    this.filled = 0;
    /** The loudest sample that was played since the last frame left. */
    this.played = 0;
    this.queue = playQueue();
    this.port.onmessage = ({ data }) => {
      this.take(data);
    };
  }

  /** @param {import('./sound.js').ToWorklet} told */
  take(told) {
    switch (told.kind) {
      case 'play':
        this.queue.play(told.samples);
        break;
      case 'mark':
        this.queue.mark(told.name);
        break;
      case 'clear':
        this.port.postMessage({ kind: 'cleared', marks: this.queue.clear() });
        break;
      case 'pause':
        this.queue.pause();
        break;
      case 'resume':
        this.queue.resume();
        break;
      default:
        told;
    }
  }

  /**
   * @param {Float32Array[][]} inputs
   * @param {Float32Array[][]} outputs
   */
  process([input], [output]) {
    const speaker = output?.[0];
    const length = speaker?.length ?? 128;
    const { samples, marks } = this.queue.take(length);
    samples.forEach((sample, i) => {
      this.played = Math.max(this.played, Math.abs(sample));
      if (speaker) speaker[i] = sample / LOUDEST;
    });
    for (const name of marks) this.port.postMessage({ kind: 'mark', name });
    const microphone = input?.[0];
    for (let i = 0; i < length; i += 1) {
      // A microphone that is gone is silent.
      const value = Math.max(-1, Math.min(1, microphone?.[i] ?? 0));
      this.frame[this.filled] = Math.round(value * LOUDEST);
      this.filled += 1;
      if (this.filled === this.size) this.leave();
    }
    return true;
  }

  leave() {
    const { frame, played } = this;
    this.frame = new Int16Array(this.size);
    this.filled = 0;
    this.played = 0;
    this.port.postMessage({ kind: 'frame', samples: frame, played: played / LOUDEST }, [frame.buffer]);
  }
}

here.registerProcessor('line', Line);
