import type { CallFacts, Said } from './gateway-twilio.ts';
import { scriptedGateway, type Protocol, type Script, type ScriptedGateway } from './gateway.ts';

const STREAM = '7d56cc11-536d-4a45-b4fb-ed3d55be843b';
const CALL = '76ac3c36-56da-4a3e-a0d6-b5f8df6da9ad';
const ACCOUNT = 'b08dacad-2f6c-4de1-93d6-cc732e0c69c5';

/**
 * SignalWire cXML `<Connect><Stream codec="L16@16000h">`, after its documents (`<Stream>`, WebSocket connection): each
 * message inside of another with a time and a direction; marks come back when reached and when cleared; what was
 * cleared is acknowledged.
 */
export function signalwireGateway(call: CallFacts = {}, script?: Script): ScriptedGateway {
  let sequence = 0;
  const wrapped = (eventType: string, rawEvent: object, direction = 'inbound') =>
    JSON.stringify({
      timestamp: new Date(0).toISOString(),
      direction,
      eventType,
      streamSid: STREAM,
      rawEvent: { event: eventType, ...rawEvent },
    });
  const counted = (eventType: string, rawEvent: object) => {
    const sequenceNumber = String((sequence += 1));
    return [wrapped(eventType, { sequenceNumber, ...rawEvent })];
  };
  const marked = (name: string) => [wrapped('mark', { streamSid: STREAM, mark: { name } })];
  const protocol: Protocol = {
    codec: 'l16',
    rate: 16_000,
    introduce: () => [
      wrapped('connected', { protocol: 'Call', version: '0.2.0' }),
      ...counted('start', {
        start: {
          streamSid: STREAM,
          accountSid: ACCOUNT,
          callSid: CALL,
          tracks: ['inbound'],
          customParameters: call.parameters ?? {},
          mediaFormat: { encoding: 'audio/x-L16', sampleRate: 16_000, channels: 1 },
        },
      }),
    ],
    media: (sound, number, atMs) =>
      counted('media', {
        media: {
          track: 'inbound',
          chunk: String(number),
          timestamp: String(atMs),
          payload: Buffer.from(sound).toString('base64'),
        },
      }),
    digit: (digit) => [wrapped('dtmf', { streamSid: STREAM, dtmf: { duration: 200, digit } })],
    stop: () => counted('stop', {}),
    marked,
    take(frame, queue) {
      const said = JSON.parse(String(frame)) as Said;
      if (said.streamSid !== STREAM) return undefined;
      if (said.event === 'media') queue.play(new Uint8Array(Buffer.from(said.media?.payload ?? '', 'base64')));
      if (said.event === 'mark') queue.mark(said.mark?.name ?? '');
      if (said.event !== 'clear') return [];
      return [...queue.clear().flatMap(marked), wrapped('clear', { streamSid: STREAM }, 'outbound')];
    },
  };
  return scriptedGateway(protocol, script);
}
