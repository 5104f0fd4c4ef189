import type { CallFacts } from './gateway-twilio.ts';
import { scriptedGateway, type Protocol, type Script, type ScriptedGateway } from './gateway.ts';

const base64 = (sound: Uint8Array): string => Buffer.from(sound).toString('base64');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

/** Plivo `<Stream bidirectional>`, after plivo.com/docs/voice/audio-streaming: numbers as numbers, verbs of its own. */
export function plivoGateway(call: CallFacts = {}, script?: Script): ScriptedGateway {
  const streamId = '87654321-4321-4321-4321-cba987654321';
  let sequence = 0;
  const extra_headers = Object.entries(call.parameters ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(';');
  const message = (event: string, body: object) => [
    JSON.stringify({ event, sequenceNumber: (sequence += 1), ...body, extra_headers }),
  ];
  const protocol: Protocol = {
    codec: 'mulaw',
    rate: 8_000,
    introduce: () =>
      message('start', {
        start: {
          callId: '12345678-1234-1234-1234-123456789abc',
          streamId,
          accountId: 'MAXXXXXXXXXXXXXXXXXX',
          tracks: ['inbound'],
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000 },
        },
      }),
    media: (sound, number, atMs) =>
      message('media', {
        streamId,
        media: { track: 'inbound', timestamp: String(1_705_312_200_000 + atMs), chunk: number, payload: base64(sound) },
      }),
    digit: (digit) => message('dtmf', { streamId, dtmf: { track: 'inbound', digit, timestamp: '1705312201000' } }),
    // Plivo closes the socket and says nothing.
    stop: () => [],
    marked: (name) => message('playedStream', { streamId, name }),
    take(frame, queue) {
      const said = JSON.parse(String(frame)) as Said;
      if (said.event === 'playAudio' && said.media?.contentType === 'audio/x-mulaw')
        queue.play(bytes(said.media.payload));
      if (said.event === 'checkpoint' && said.streamId === streamId) queue.mark(said.name ?? '');
      if (said.event !== 'clearAudio' || said.streamId !== streamId) return [];
      queue.clear();
      return message('clearedAudio', { streamId });
    },
  };
  return scriptedGateway(protocol, script);
}

interface Said {
  readonly event?: string;
  readonly streamId?: string;
  readonly name?: string;
  readonly media?: { readonly payload: string; readonly contentType?: string };
}
