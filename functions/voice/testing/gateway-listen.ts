import type { CallFacts } from './gateway-twilio.ts';
import { scriptedGateway, type Protocol, type Script, type ScriptedGateway } from './gateway.ts';

/**
 * jambonz `listen` with `bidirectionalAudio.streaming`, after docs.jambonz.org/verbs/verbs/listen: attributes in one text
 * frame, then linear sound in binary frames both ways; `killAudio` empties the queue, `clearMarks` gives the marks back.
 */
export function jambonzGateway(call: CallFacts = {}, script?: Script): ScriptedGateway {
  let dropped: readonly string[] = [];
  const mark = (name: string, event: string) => JSON.stringify({ type: 'mark', data: { name, event } });
  const protocol: Protocol = {
    codec: 'l16',
    rate: 8_000,
    subprotocols: ['audio.jambonz.org'],
    introduce: () => [
      JSON.stringify({
        callSid: 'c0ffee00-0000-4000-8000-000000000001',
        direction: 'inbound',
        from: call.from ?? '+15550100',
        to: '+15550199',
        sampleRate: 8000,
        mixType: 'mono',
        metadata: call.parameters ?? {},
      }),
    ],
    media: (sound) => [sound],
    digit: (digit) => [JSON.stringify({ event: 'dtmf', dtmf: digit, duration: '1600' })],
    stop: () => [],
    marked: (name) => [mark(name, 'playout')],
    take(frame, queue) {
      if (typeof frame !== 'string') queue.play(frame);
      else {
        const said = JSON.parse(frame) as { readonly type?: string; readonly data?: { readonly name?: string } };
        if (said.type === 'mark') queue.mark(said.data?.name ?? '');
        if (said.type === 'disconnect') queue.hangUp();
        if (said.type === 'killAudio') dropped = queue.clear();
        if (said.type === 'clearMarks') return dropped.map((name) => mark(name, 'cleared'));
      }
      return [];
    },
  };
  return scriptedGateway(protocol, script);
}

/**
 * FreeSWITCH with mod_audio_fork (drachtio), after its README: the metadata as it was given, linear sound up; down come
 * whole pieces in JSON, which it plays one after the other; `killAudio` stops them; no marks.
 */
export function audioForkGateway(metadata = '', script?: Script): ScriptedGateway {
  const protocol: Protocol = {
    codec: 'l16',
    rate: 16_000,
    subprotocols: ['audio.drachtio.org'],
    introduce: () => (metadata === '' ? [] : [metadata]),
    media: (sound) => [sound],
    digit: (digit) => [JSON.stringify({ event: 'dtmf', dtmf: digit })],
    stop: () => [],
    marked: () => [],
    take(frame, queue) {
      const said = JSON.parse(String(frame)) as {
        readonly type?: string;
        readonly data?: {
          readonly audioContentType?: string;
          readonly sampleRate?: number;
          readonly audioContent?: string;
        };
      };
      const { data } = said;
      if (said.type === 'playAudio' && data?.audioContentType === 'raw' && data.sampleRate === 16_000) {
        queue.play(new Uint8Array(Buffer.from(data.audioContent ?? '', 'base64')));
      }
      if (said.type === 'killAudio') queue.clear();
      if (said.type === 'disconnect') queue.hangUp();
      return [];
    },
  };
  return scriptedGateway(protocol, script);
}

/**
 * FreeSWITCH with mod_audio_stream, after its README: as mod_audio_fork, with names of its own; what was sent cannot be
 * taken back.
 */
export function audioStreamGateway(metadata = '', script?: Script): ScriptedGateway {
  const protocol: Protocol = {
    codec: 'l16',
    rate: 8_000,
    introduce: () => (metadata === '' ? [] : [metadata]),
    media: (sound) => [sound],
    digit: () => [],
    stop: () => [],
    marked: () => [],
    take(frame, queue) {
      const { type, data } = JSON.parse(String(frame)) as {
        readonly type?: string;
        readonly data?: { readonly audioDataType?: string; readonly sampleRate?: number; readonly audioData?: string };
      };
      if (type === 'streamAudio' && data?.audioDataType === 'raw' && data.sampleRate === 8_000) {
        queue.play(new Uint8Array(Buffer.from(data.audioData ?? '', 'base64')));
      }
      return [];
    },
  };
  return scriptedGateway(protocol, script);
}
