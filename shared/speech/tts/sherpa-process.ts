import { PlatformError } from '../../errors/index.ts';
import { failureOf, type Told } from '../engines/child.ts';
import { loadSherpa } from '../engines/sherpa/library.ts';
import { readVoiceFolder } from './sherpa-folder.ts';
import type { Said, SayThis } from './sherpa.ts';

// Started by sherpa.ts as a process of its own, which may crash or be killed.

const LONGEST_S = 120;
const tell = (told: Told) => process.send?.(told);

function opened(dir: string) {
  const { name, config, speaker, speed } = readVoiceFolder(dir);
  const { OfflineTts } = loadSherpa();
  const tts = new OfflineTts(config);
  const say = (text: string): Said => {
    const { samples, sampleRate: rate } = tts.generate({ text, sid: speaker, speed, enableExternalBuffer: false });
    if (samples.length === 0) throw new PlatformError('tts.failed', 'a voice made no sound', { retry: 'later' });
    if (samples.length > LONGEST_S * rate) {
      throw new PlatformError('tts.too-long', 'a voice made more sound than anybody listens to', { retry: 'never' });
    }
    return { rate, samples };
  };
  return { name, say };
}

process.on('disconnect', () => process.exit(0));
try {
  const { name, say } = opened(process.argv[2] ?? '');
  process.on('message', ({ id, text }: SayThis) => {
    try {
      tell({ id, ok: say(text) });
    } catch (error) {
      tell(failureOf(id, error, 'tts'));
    }
  });
  tell({ id: 0, ok: name });
} catch (error) {
  tell(failureOf(0, error, 'tts'));
}
