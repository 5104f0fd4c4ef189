import { existsSync } from 'node:fs';
import { hasRecordings } from '../../shared/speech/recordings.fixture.ts';
import { openSmallEngine } from '../../shared/speech/small/engine.ts';
import { openVad } from '../../shared/speech/vad.ts';
import { A_NUMBER, type Bench } from '../lib/bench.ts';
import { bargeIn } from './barge-in.ts';
import { endless } from './endless.ts';
import { killing } from './kills.ts';
import { listeningFigures } from './listening.ts';
import { live } from './live.ts';

const MODEL = 'models/speech-en-small';

/** Listening to calls: what it costs, and how long it takes. */
export const voice: Bench = {
  name: 'voice',
  summary: 'calls that are listened to: how many, how fast, and what happens when their process is killed',
  options: {
    calls: { help: 'calls at the same time', default: '30', like: A_NUMBER },
    seconds: { help: 'length of each call', default: '30', like: A_NUMBER },
    callers: { help: 'callers while processes are killed', default: '50', like: A_NUMBER },
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
    const calls = quick ? 6 : Number(context.option('calls'));
    const seconds = quick ? 12 : Number(context.option('seconds'));
    context.say(`${calls} calls in real time, and again with one of two processes killed`);
    const parts = [await live({ calls, seconds, model: MODEL }, context)];
    context.say(`${calls} calls of callers who do not wait for the end of an answer`);
    parts.push(await bargeIn({ calls, seconds: quick ? 12 : 30, model: MODEL }, context));
    const callers = quick ? 6 : Number(context.option('callers'));
    context.say(`${callers} callers, and processes that are killed all the time`);
    parts.push(await killing({ calls: callers, seconds: quick ? 20 : 120, model: MODEL }, models, context));
    const long = quick ? { talk: 5, noise: 3, silence: 1 } : { talk: 120, noise: 60, silence: 10 };
    parts.push(await endless({ ...long, model: MODEL }, context));
    return {
      durability: 'R1, sync default (every two minutes)',
      figures: [...alone, ...parts.flatMap(({ figures }) => figures)],
      notes: [
        'Calls of digits that real people said (FSDD), over a line with noise; chunks of 100 ms, mu-law.',
        'Silence after words is 700 ms: what a final takes is counted from the chunk that made it complete.',
        ...parts.flatMap(({ notes }) => notes),
      ],
    };
  },
};
