import { startCallLog, type CallLog } from '../../functions/asr/calls.fixture.ts';
import type { BenchContext } from '../lib/bench.ts';
import { startChild, type Child } from '../lib/children.ts';

/** What calls are listened to on: no functions but those that listen. */
export interface Ground extends CallLog {
  /** Starts one more process that listens; it ends with the bench. */
  readonly listen: (name: string) => Promise<Child>;
}

/** Lays it. `model`: the folder of what processes listen with. */
export async function layGround(model: string, context: BenchContext): Promise<Ground> {
  const at = await startCallLog();
  context.atEnd(() => at.broker.stop());
  const env = {
    TURNSTREAM_NATS_URL: at.broker.url,
    TURNSTREAM_OPS_PORT: '0',
    TURNSTREAM_ASR_ENGINES: `small=${model}`,
  };
  return {
    ...at,
    async listen(name) {
      const isReady = (line: string) => line.includes('"ready"');
      const child = await startChild({ name, args: ['functions/asr/main.ts'], env, isReady });
      context.atEnd(() => child.kill().catch(() => undefined));
      return child;
    },
  };
}
