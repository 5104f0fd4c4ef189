// @ts-check

/**
 * @typedef {{ kind: 'play', samples: Int16Array } | { kind: 'mark', name: string }
 *   | { kind: 'clear' | 'pause' | 'resume' }} ToWorklet
 * @typedef {{ kind: 'frame', samples: Int16Array, played: number } | { kind: 'mark', name: string }
 *   | { kind: 'cleared', marks: readonly string[] }} FromWorklet
 * @typedef {{ readonly rate: number, tell(told: ToWorklet): void, stop(): void }} Sound
 */

/** Speech needs no more; where a browser cannot do it, its own rate is taken. */
const RATE = 16_000;
const WANTED = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/**
 * Opens microphone and speaker. Fails with the browser's own error: `NotAllowedError`, `NotFoundError`.
 *
 * @param {(told: FromWorklet) => void} hear
 * @returns {Promise<Sound>}
 */
export async function openSound(hear) {
  if (!navigator.mediaDevices) throw new DOMException('no microphone without https', 'NotFoundError');
  const stream = await navigator.mediaDevices.getUserMedia({ audio: WANTED });
  const stopStream = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  try {
    const { context, source } = connected(stream);
    await context.audioWorklet.addModule('/console/sound-worklet.js');
    const node = new AudioWorkletNode(context, 'line', { numberOfInputs: 1, outputChannelCount: [1] });
    node.port.onmessage = ({ data }) => {
      hear(data);
    };
    source.connect(node).connect(context.destination);
    await context.resume();
    return {
      rate: context.sampleRate,
      tell: (told) => {
        node.port.postMessage(told);
      },
      stop() {
        node.port.onmessage = null;
        stopStream();
        void context.close();
      },
    };
  } catch (error) {
    stopStream();
    throw error;
  }
}

/** @param {MediaStream} stream */
function connected(stream) {
  const small = new AudioContext({ sampleRate: RATE });
  try {
    return { context: small, source: small.createMediaStreamSource(stream) };
  } catch {
    // Firefox connects a microphone at its own rate only.
    void small.close();
    const context = new AudioContext();
    return { context, source: context.createMediaStreamSource(stream) };
  }
}
