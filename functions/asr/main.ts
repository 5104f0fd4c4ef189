import { ulid } from 'ulid';
import { deadLetters } from '../../shared/log/dead-letters.ts';
import { AUDIO } from '../../shared/log/streams.ts';
import type { EngineAt } from '../../shared/speech/engines/config.ts';
import { LISTENERS } from '../../shared/speech/provision.ts';
import { openVad } from '../../shared/speech/vad.ts';
import { runProcess } from '../run-process.ts';
import { AsrConfig } from './config.ts';
import { hostAsr, openEngines } from './hosted.ts';
import { EMITTER } from './story.ts';

// Listens to the sound of calls. Any number of it may run.
runProcess(EMITTER, AsrConfig, async ({ config, nc, watching, keys }) => {
  const { logger } = watching;
  watching.watchConsumers(nc, [{ stream: AUDIO, durable: LISTENERS }]);
  const { TURNSTREAM_ASR_ENGINES: wanted, TURNSTREAM_ASR_KEY: key } = config;
  const refused = ({ kind, where }: EngineAt, error: unknown) => {
    logger.error('a recogniser of speech was refused, the others go on', { kind, where }, error);
  };
  const engines = await openEngines(wanted, refused, { key });
  if (engines.length === 0) logger.error('there is no recogniser of speech: nobody makes out what callers say');
  for (const { capabilities } of engines) logger.info('a recogniser of speech serves', { model: capabilities.model });
  return hostAsr({
    nc,
    vad: await openVad(),
    engines,
    cipher: keys,
    deadLetters: watching.deadLetters(deadLetters(nc)),
    self: ulid(),
    concurrency: config.TURNSTREAM_CONCURRENCY,
    calls: config.TURNSTREAM_ASR_CALLS,
  });
});
