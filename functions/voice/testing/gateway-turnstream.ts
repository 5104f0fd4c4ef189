import type { CallFacts } from './gateway-twilio.ts';
import { scriptedGateway, type Protocol, type Script, type ScriptedGateway } from './gateway.ts';

const KEPT_FRAMES = 750;

/**
 * A client of our own protocol, after docs/voice-protocol.md. `vanish` and `connect` again: it goes on in the same
 * stream and sends anew what the server does not have.
 */
export function turnstreamClient(call: CallFacts = {}, script?: Script): ScriptedGateway {
  const kept = new Map<number, Uint8Array>();
  let stream: string | undefined;
  let sent = 0;
  let lastHeard = 0;
  let lastMark: string | undefined;
  let isOpened = false;

  const numbered = (number: number, sound: Uint8Array): Uint8Array => {
    const bytes = Buffer.alloc(4 + sound.length);
    bytes.writeUInt32BE(number, 0);
    bytes.set(sound, 4);
    return bytes;
  };
  const protocol: Protocol = {
    codec: 'l16',
    rate: 16_000,
    subprotocols: ['voice.turnstream'],
    introduce() {
      isOpened = false;
      const mark = lastMark !== undefined && { mark: lastMark };
      const resume = stream !== undefined && { resume: { stream, lastSeq: lastHeard, ...mark } };
      const format = { codec: 'l16', rate: 16_000 };
      return [JSON.stringify({ type: 'open', format, parameters: call.parameters ?? {}, ...resume })];
    },
    media(sound) {
      sent += 1;
      const frame = numbered(sent, sound);
      kept.set(sent, frame);
      kept.delete(sent - KEPT_FRAMES);
      return isOpened ? [frame] : [];
    },
    digit: (digit) => [JSON.stringify({ type: 'dtmf', digit })],
    stop: () => [JSON.stringify({ type: 'stop' })],
    marked(name) {
      lastMark = name;
      return [JSON.stringify({ type: 'mark', name })];
    },
    take(frame, queue) {
      if (typeof frame !== 'string') {
        lastHeard = Buffer.from(frame).readUInt32BE(0);
        queue.play(frame.subarray(4));
        return [];
      }
      const said = JSON.parse(frame) as Said;
      switch (said.type) {
        case 'opened':
          stream = said.stream;
          isOpened = true;
          return [...kept].filter(([number]) => number > (said.lastSeq ?? 0)).map(([, again]) => again);
        case 'have':
          for (const number of kept.keys()) if (number <= (said.lastSeq ?? 0)) kept.delete(number);
          return [];
        case 'mark':
          queue.mark(said.name ?? '');
          return [];
        case 'clear':
          return [
            ...queue.clear().map((name) => JSON.stringify({ type: 'mark', name })),
            JSON.stringify({ type: 'cleared' }),
          ];
        case 'pause':
          queue.pause();
          return [];
        case 'resume':
          queue.resume();
          return [];
        case 'stop':
        case 'transfer':
          queue.hangUp();
          return [];
        default:
          return [];
      }
    },
  };
  return scriptedGateway(protocol, script);
}

interface Said {
  readonly type?: string;
  readonly stream?: string;
  readonly lastSeq?: number;
  readonly name?: string;
}
