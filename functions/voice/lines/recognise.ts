import { asteriskLine } from './asterisk.ts';
import { GATEWAYS, type Frame, type Gateway, type Line, type Opening } from './line.ts';
import { listenLine } from './listen.ts';
import { readObject } from './read.ts';
import { malformed, speak } from './speak.ts';
import { SUBPROTOCOL, turnstreamLine } from './turnstream.ts';
import { twilioLine } from './twilio.ts';
import { vonageLine } from './vonage.ts';

type Query = Opening['query'];

/** Subprotocols and who offers them. */
const SUBPROTOCOLS: ReadonlyMap<string, Exclude<Gateway, 'audiosocket'>> = new Map([
  ['audio.jambonz.org', 'jambonz'],
  ['audio.drachtio.org', 'audio-fork'],
  ['media', 'asterisk'],
  [SUBPROTOCOL, 'turnstream'],
]);

/** The subprotocol to choose of those offered; undefined where none is known. */
export const subprotocolOf = (protocols: readonly string[]): string | undefined =>
  protocols.find((protocol) => SUBPROTOCOLS.has(protocol));

/**
 * The line of a WebSocket that was just opened. Its dialect is taken from the last part of the path, else from the
 * subprotocol, else from the first frame; where none fits, the first frame gives `malformed: no-dialect`.
 */
export function recognise({ path, query, protocols }: Opening): Line {
  const last = path.split('/').findLast((part) => part !== '');
  const named = GATEWAYS.find((gateway) => gateway === last);
  const offered = SUBPROTOCOLS.get(subprotocolOf(protocols) ?? '');
  // AudioSocket is no WebSocket.
  const gateway = named === 'audiosocket' ? undefined : (named ?? offered);
  return gateway ? lineTo(gateway, query) : undecided(query);
}

function lineTo(gateway: Exclude<Gateway, 'audiosocket'>, query: Query): Line {
  switch (gateway) {
    case 'twilio':
    case 'telnyx':
    case 'signalwire':
    case 'exotel':
    case 'plivo':
      return twilioLine(gateway, query);
    case 'asterisk':
      return asteriskLine(query);
    case 'jambonz':
    case 'audio-fork':
    case 'audio-stream':
      return listenLine(gateway, query);
    case 'vonage':
      return vonageLine(query);
    case 'turnstream':
      return turnstreamLine(query);
  }
}

/** Becomes what the first frame shows it to be. */
function undecided(query: Query): Line {
  let line: Line | undefined;
  const none = speak({ hear: () => [malformed('no-dialect', true)] });
  return {
    hear: (frame) => (line ??= lineBy(frame, query) ?? none).hear(frame),
    accept: (...of) => line?.accept(...of) ?? [],
    acknowledge: (...of) => line?.acknowledge(...of) ?? [],
    play: (...of) => line?.play(...of) ?? [],
    mark: (...of) => line?.mark(...of) ?? [],
    clear: () => line?.clear() ?? [],
    pause: () => line?.pause() ?? [],
    resume: () => line?.resume() ?? [],
    partial: (...of) => line?.partial(...of) ?? [],
    transfer: (...of) => line?.transfer(...of) ?? [],
    hangUp: () => line?.hangUp() ?? [],
  };
}

function lineBy(frame: Frame, query: Query): Line | undefined {
  if (typeof frame !== 'string') return undefined;
  if (frame.startsWith('MEDIA_START ')) return asteriskLine(query);
  const first = readObject(frame);
  if (!first) return undefined;
  switch (first['event'] ?? first['eventType'] ?? first['type']) {
    case 'connected':
    case 'start':
      return twilioLine(undefined, query);
    case 'MEDIA_START':
      return asteriskLine(query);
    case 'websocket:connected':
      return vonageLine(query);
    case 'open':
      return turnstreamLine(query);
    default:
      return 'callSid' in first && 'sampleRate' in first ? listenLine('jambonz', query) : undefined;
  }
}
