import { expect, it } from 'vitest';
import { catalogue, type ConversationEvent } from '../../events/catalogue.ts';
import { playbackInterrupted, speechTranscribed } from '../../events/call.ts';
import { incoming, newSession } from '../testing/rig.ts';
import { tellCall } from './tell-call.ts';

const call = '0123456789ABCDEFGHJKMNPQRS' as never;
const told = (draft: Parameters<typeof incoming>[1]) =>
  tellCall({ ...incoming(newSession(), draft), position: 1 } as ConversationEvent);

it('tells what was said, and what of an answer was heard', () => {
  expect(
    told(
      speechTranscribed({
        call,
        utterance: 1,
        text: 'where is my parcel',
        fromMs: 1_200,
        toMs: 2_300,
        end: 'silence',
        model: 'small-en@1',
        confidence: 0.9,
      }),
    ),
  ).toEqual({ about: '1.2 s to 2.3 s, ended by silence, small-en@1', words: 'where is my parcel' });
  expect(
    told(playbackInterrupted({ call, of: call, heardMs: 900, ofMs: 2_000, heard: 'What is', reason: 'spoken-over' })),
  ).toEqual({ about: 'spoken-over, 0.9 s of 2.0 s heard', words: 'What is' });
});

it('knows every event of a call', () => {
  const ofCalls = catalogue.filter(({ type }) => /^(?:call|speech|digits|playback)\./u.test(type));
  const data = {
    call,
    gateway: 'twilio',
    codec: 'mulaw',
    rate: 8_000,
    fromMs: 0,
    toMs: 0,
    ms: 0,
    ofMs: 0,
    heardMs: 0,
    messages: [],
  };
  for (const { type } of ofCalls) expect(tellCall({ type, data } as never)?.about, type).toBeTruthy();
});
