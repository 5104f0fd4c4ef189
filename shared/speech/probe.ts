import type { Verdict } from '../encoder/probe.ts';
import { modelInvalid } from '../encoder/invalid.ts';
import { PlatformError } from '../errors/index.ts';
import type { Engine, EngineCapabilities } from './engine.ts';
import { openHere, type EngineKind } from './open.ts';

// Started by check.ts as a process of its own, which may crash or be killed. Answers once and ends.

const SECONDS = 3;

async function probe(kind: EngineKind, dir: string): Promise<EngineCapabilities> {
  const engine = await openHere(kind, dir);
  const { rate, state } = engine.capabilities;
  const noise = Int16Array.from({ length: rate * SECONDS }, (_, i) => Math.round(9_000 * Math.sin(i * i * 1e-4)));
  for (const sound of [new Int16Array(rate), noise, new Int16Array(0)]) {
    const { confidence } = await listen(engine, sound);
    if (!(confidence >= 0 && confidence <= 1)) throw modelInvalid(kind, 'answers with what is no number');
  }
  const begun = await engine.begin({ locale: engine.capabilities.languages[0] ?? 'en' });
  const saved = begun.save();
  if ((saved !== undefined) !== (state === 'travels')) throw modelInvalid(kind, 'does not keep its state as it says');
  return engine.capabilities;
}

async function listen(engine: Engine, sound: Int16Array) {
  const recognition = await engine.begin({ locale: engine.capabilities.languages[0] ?? 'en' });
  await recognition.hear(sound);
  return recognition.finish();
}

function blame(error: unknown): string {
  if (error instanceof PlatformError) return error.message;
  return `the model cannot be run (${error instanceof Error ? error.message.slice(0, 160) : 'unknown'})`;
}

const [, , kind = '', dir = ''] = process.argv;
const verdict: Verdict<EngineCapabilities> = await probe(kind as EngineKind, dir).then(
  (good) => ({ good }),
  (error: unknown) => ({ bad: blame(error) }),
);
process.send?.(verdict, () => process.exit(0));
