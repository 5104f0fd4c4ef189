import { PlatformError } from '../../errors/index.ts';
import type { Engine, Recognition } from '../engine.ts';
import type { Ask } from './apart.ts';
import { failureOf, type Told } from './child.ts';
import { openInner, type InnerKind } from './inner.ts';

// Started by apart.ts as a process of its own, which may crash or be killed.

const tell = (told: Told) => process.send?.(told);

function serve(engine: Engine): void {
  const open = new Map<number, Recognition>();
  const at = (recognition: number): Recognition => {
    const found = open.get(recognition);
    if (found) return found;
    throw new PlatformError('asr.failed', 'the utterance is over', { retry: 'later' });
  };
  const answer = async (ask: Ask): Promise<unknown> => {
    switch (ask.kind) {
      case 'begin':
        open.set(ask.recognition, await engine.begin({ locale: ask.locale }));
        return undefined;
      case 'hear':
        return at(ask.recognition).hear(ask.sound);
      case 'finish':
        return at(ask.recognition).finish();
      case 'close':
        open.get(ask.recognition)?.close();
        open.delete(ask.recognition);
        return undefined;
    }
  };
  process.on('message', (ask: Ask) => {
    answer(ask).then(
      (ok) => tell({ id: ask.id, ok }),
      (error: unknown) => tell(failureOf(ask.id, error, 'asr')),
    );
  });
}

// Whoever started it is gone.
process.on('disconnect', () => process.exit(0));
const [, , kind = '', dir = ''] = process.argv;
try {
  const engine = await openInner(kind as InnerKind, dir);
  serve(engine);
  tell({ id: 0, ok: engine.capabilities });
} catch (error) {
  tell(failureOf(0, error, 'asr'));
}
