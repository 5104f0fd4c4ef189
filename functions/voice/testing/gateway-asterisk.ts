import type { CallFacts } from './gateway-twilio.ts';
import { scriptedGateway, type Protocol, type Queue, type Script, type ScriptedGateway } from './gateway.ts';

const FRAME_BYTES = 160;
const MAX_MESSAGE_BYTES = 65_500;
const QUEUE_FRAMES = 1_000;
const XOFF = 900;
const XON = 800;

/**
 * Asterisk's chan_websocket, after docs/Configuration/Channel-Drivers/WebSocket.md of asterisk/documentation: sound in
 * binary frames; 1,000 frames fit into the queue; bytes that fill no frame are dropped; a message of more than 65,500
 * bytes hangs up; `FLUSH_MEDIA` drops the queue with its marks and ends a pause.
 */
export function asteriskGateway(call: CallFacts = {}, script?: Script): ScriptedGateway {
  let isFull = false;
  const event = (name: string, more: object = {}) =>
    JSON.stringify({ event: name, channel_id: '1700000000.1', ...more });

  function command(said: Said, queue: Queue): readonly string[] {
    switch (said.command) {
      case 'MARK_MEDIA':
        queue.mark(said.correlation_id ?? '');
        return [];
      case 'FLUSH_MEDIA':
        queue.clear();
        return [];
      case 'PAUSE_MEDIA':
        queue.pause();
        return [];
      case 'CONTINUE_MEDIA':
        queue.resume();
        return [];
      case 'HANGUP':
        queue.hangUp();
        return [];
      case 'GET_STATUS':
        return [event('STATUS', { queue_length: 0, xon_level: XON, xoff_level: XOFF, queue_full: isFull })];
      default:
        return [];
    }
  }

  const protocol: Protocol = {
    codec: 'mulaw',
    rate: 8_000,
    subprotocols: ['media'],
    queueFrames: QUEUE_FRAMES,
    introduce: () => [
      event('MEDIA_START', {
        connection_id: 'e226e283-c90a-4ea9-9e37-389000b9ef47',
        channel: 'WebSocket/connection1/0x7f',
        format: 'ulaw',
        optimal_frame_size: FRAME_BYTES,
        ptime: 20,
        channel_variables: call.parameters ?? {},
      }),
    ],
    media: (sound) => [sound],
    digit: (digit) => [event('DTMF_END', { digit })],
    // The socket is closed, and that is all.
    stop: () => [],
    marked: (name) => [event('MEDIA_MARK_PROCESSED', { correlation_id: name })],
    take(frame, queue) {
      if (typeof frame === 'string') return command(JSON.parse(frame) as Said, queue);
      if (frame.length > MAX_MESSAGE_BYTES) queue.hangUp();
      else queue.play(frame.subarray(0, frame.length - (frame.length % FRAME_BYTES)));
      return [];
    },
    filled(frames) {
      if (!isFull && frames >= XOFF) {
        isFull = true;
        return [event('MEDIA_XOFF')];
      }
      if (!isFull || frames >= XON) return [];
      isFull = false;
      return [event('MEDIA_XON')];
    },
  };
  return scriptedGateway(protocol, script);
}

interface Said {
  readonly command?: string;
  readonly correlation_id?: string;
}
