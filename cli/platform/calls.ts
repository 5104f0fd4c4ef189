import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { hostAsr, openEngines } from '../../functions/asr/hosted.ts';
import { VoicesConfig, voiceOf } from '../../functions/voice/config.ts';
import { takeCalls, type TakingCalls } from '../../functions/voice/start.ts';
import { callWatch } from '../../functions/voice/watch.ts';
import { asrRole, voiceRole } from '../../shared/access/roles.ts';
import { loadConfig } from '../../shared/config/config.ts';
import { openVad } from '../../shared/speech/vad.ts';
import { deadLetters } from '../../shared/log/dead-letters.ts';
import { commandVoice } from '../../shared/speech/tts/command.ts';
import { remembering } from '../../shared/speech/tts/remembering.ts';
import type { Voice } from '../../shared/speech/tts/voice.ts';
import type { Cell, Later } from './cell.ts';
import type { Serving } from './serving.ts';
import { speechIn } from './speech.ts';

const HOST = '127.0.0.1';
const CALLS = 100;
const CONCURRENCY = 64;

/**
 * Takes calls on the gateway's own port, and listens to them with the model that is shipped. Speech is made as the
 * environment says, or else by espeak-ng where it is installed.
 */
export async function startCalls(
  cell: Cell,
  { objects, bots, tenants, watching }: Omit<Serving, 'upgrade'>,
  env: NodeJS.ProcessEnv,
  later: Later,
): Promise<TakingCalls['upgrade']> {
  await listen(cell, watching, env, later);
  const { nc, keys } = await cell.connectAs(voiceRole);
  const voice = voiceOf(loadConfig(VoicesConfig, env)) ?? (await installedVoice(env));
  const { sessionKey } = cell.secrets;
  const watch = callWatch(watching);
  const calls = await takeCalls({ nc, keys, objects, bots, tenants, sessionKey, voice, watch, host: HOST });
  later(() => calls.stop());
  return calls.upgrade;
}

async function listen(cell: Cell, watching: Serving['watching'], env: NodeJS.ProcessEnv, later: Later): Promise<void> {
  const { engines: wanted, key } = speechIn(env);
  const { nc, keys: cipher } = await cell.connectAs(asrRole);
  const engines = await openEngines(
    wanted,
    ({ kind, where }, error) => {
      watching.logger.warn('a recogniser of speech was refused', { kind, where }, error);
    },
    { key },
  );
  const asr = await hostAsr({
    nc,
    vad: await openVad(),
    engines,
    cipher,
    deadLetters: watching.deadLetters(deadLetters(nc)),
    self: 'asr',
    concurrency: CONCURRENCY,
    calls: CALLS,
  });
  later(() => asr.stop());
}

async function installedVoice(env: NodeJS.ProcessEnv): Promise<Voice | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const program = join(folder, 'espeak-ng');
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return remembering(commandVoice({ command: [program, '-v', '{language}', '--stdin', '--stdout'] }));
  }
  return undefined;
}
