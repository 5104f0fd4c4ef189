import { existsSync } from 'node:fs';
import { hasRecordings } from '../../shared/speech/recordings.fixture.ts';
import { openSmallEngine } from '../../shared/speech/small/engine.ts';
import { openVad } from '../../shared/speech/vad.ts';
import { A_NUMBER, type Bench } from '../lib/bench.ts';
import { endlessFigures, listeningFigures } from './listening.ts';
import { live } from './live.ts';

const MODEL = 'models/speech-en-small';

/** Listening to calls: what it costs, and how long it takes. */
export const voice: Bench = {
  name: 'voice',
  summary: 'calls that are listened to: how many, how fast, and what happens when their process is killed',
  options: {
    calls: { help: 'calls at the same time', default: '30', like: A_NUMBER },
    seconds: { help: 'length of each call', default: '30', like: A_NUMBER },
  },

  async run(context) {
    const { quick } = context;
    if (!hasRecordings() || !existsSync(MODEL)) {
      throw new Error('needs the recordings in ../shared/data/voice and the model that is shipped');
    }
    const models = { vad: await openVad(), engine: await openSmallEngine(MODEL) };
    context.atEnd(() => models.engine.close());
    context.say('listening, without a log');
    const alone = await listeningFigures(models, quick ? 20 : 120);
    context.say('one long call, without a log');
    const endless = await endlessFigures(models, quick ? 5 : 120);
    const calls = quick ? 6 : Number(context.option('calls'));
    const seconds = quick ? 12 : Number(context.option('seconds'));
    context.say(`${calls} calls in real time, with all of it`);
    const { figures, notes } = await live({ calls, seconds, model: MODEL }, context);
    return {
      durability: 'R1, sync default (every two minutes)',
      figures: [...alone, ...endless, ...figures],
      notes: [
        'Calls of digits that real people said (FSDD), over a line with noise; chunks of 100 ms, mu-law.',
        'Silence after words is 700 ms: what a final takes is counted from the chunk that made it complete.',
        ...notes,
      ],
    };
  },
};
