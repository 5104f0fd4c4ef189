import type { ConversationEvent } from '../../events/catalogue.ts';

/** What an event of a call says beside its name: something short, and what was said, which is the customer's. */
export interface ToldCall {
  readonly about: string;
  readonly words?: string;
}

/** What happened in a call, in a few words; undefined for events of no call. */
export function tellCall(event: ConversationEvent): ToldCall | undefined {
  switch (event.type) {
    case 'call.started':
      return { about: `${event.data.gateway}, ${event.data.codec} at ${event.data.rate / 1_000} kHz` };
    case 'call.greeted': {
      const { response, messages, locale } = event.data;
      return { about: `${response}, ${locale}`, words: messages.map(({ text }) => text).join(' ') };
    }
    case 'call.ended':
      return { about: `${event.data.reason}, after ${seconds(event.data.ms)}` };
    case 'speech.started':
      return { about: `at ${seconds(event.data.fromMs)}` };
    case 'speech.transcribed': {
      const { text, fromMs, toMs, end, model } = event.data;
      return { about: `${seconds(fromMs)} to ${seconds(toMs)}, ended by ${end}, ${model}`, words: text };
    }
    case 'speech.not-transcribed':
      return { about: `${seconds(event.data.fromMs)} to ${seconds(event.data.toMs)}: ${event.data.reason}` };
    case 'digits.entered':
      return { about: `ended by ${event.data.end}`, words: event.data.digits };
    case 'playback.completed':
      return { about: `all ${seconds(event.data.ofMs)} heard` };
    case 'playback.interrupted': {
      const { heardMs, ofMs, reason, heard } = event.data;
      return { about: `${reason}, ${seconds(heardMs)} of ${seconds(ofMs)} heard`, words: heard };
    }
    case 'playback.resumed':
      return { about: `from ${seconds(event.data.heardMs)} on` };
    default:
      return undefined;
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
