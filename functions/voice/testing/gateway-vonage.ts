import type { CallFacts } from './gateway-twilio.ts';
import { scriptedGateway, type Protocol, type Script, type ScriptedGateway } from './gateway.ts';

/**
 * Vonage, after developer.vonage.com/voice/voice-api/concepts/websockets: linear sound in messages of exactly 20 ms,
 * 3,072 of which are kept; `notify` comes back when it is reached, `clear` is answered.
 */
export function vonageGateway(call: CallFacts = {}, script?: Script): ScriptedGateway {
  const rate = 16_000;
  const messageBytes = (rate / 1_000) * 20 * 2;
  const protocol: Protocol = {
    codec: 'l16',
    rate,
    queueFrames: 3_072,
    introduce: () => [
      JSON.stringify({ event: 'websocket:connected', 'content-type': `audio/l16;rate=${rate}`, ...call.parameters }),
    ],
    media: (sound) => [sound],
    digit: (digit) => [JSON.stringify({ event: 'websocket:dtmf', digit, duration: 260 })],
    stop: () => [],
    marked: (name) => [JSON.stringify({ event: 'websocket:notify', payload: JSON.parse(name) as unknown })],
    take(frame, queue) {
      if (typeof frame !== 'string') {
        // Other sizes are heard as noise, or not at all.
        if (frame.length === messageBytes) queue.play(frame);
        return [];
      }
      const said = JSON.parse(frame) as { readonly action?: string; readonly payload?: unknown };
      if (said.action === 'notify') queue.mark(JSON.stringify(said.payload));
      if (said.action !== 'clear') return [];
      queue.clear();
      return [JSON.stringify({ event: 'websocket:cleared' })];
    },
  };
  return scriptedGateway(protocol, script);
}
