import { voiceLine } from '../../console/page/voice-line.js';
import { fromLinear, toLinear } from '../../shared/speech/codecs.ts';
import { asteriskLine, twilioLine } from './gateways.ts';
import { RATES, type CalledBy, type CallerLine, type LineListener } from './line.ts';

/** Opens a line as a gateway does. `url`: the address with a ticket, asked again after a lost socket. */
export function openLine(by: CalledBy, url: () => Promise<string>, on: LineListener): CallerLine {
  switch (by) {
    case 'turnstream':
      return ownLine(url, on);
    case 'twilio':
      return twilioLine(url, on);
    case 'asterisk':
      return asteriskLine(url, on);
  }
}

function ownLine(url: () => Promise<string>, on: LineListener): CallerLine {
  const rate = RATES.turnstream;
  const line = voiceLine({
    url,
    format: { codec: 'l16', rate },
    on: {
      ...on,
      opened: (_stream, again) => {
        on.opened(again);
      },
      sound: (bytes) => {
        on.sound(toLinear(bytes, 'l16'));
      },
    },
  });
  return {
    rate,
    send: (samples) => {
      line.send(fromLinear(samples, 'l16'));
    },
    press: line.press,
    reached: line.mark,
    cleared(marks) {
      for (const name of marks) line.mark(name);
      line.cleared();
    },
    hangUp: line.stop,
  };
}
