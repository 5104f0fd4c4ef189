import type { Capabilities, Encoder } from './encoder.ts';
import { openEncoder, type OpenOptions } from './open.ts';

/** A place for one model at a time, for those who keep using it while it is exchanged. */
export interface EncoderSlot {
  /** Always the model that is in use; what has begun is finished by the one that it began with. */
  readonly encoder: Encoder;
  /** Opens another model and, once it can work, uses it. When that fails, the one in use goes on serving. */
  readonly replace: (dir: string) => Promise<Capabilities>;
}

/** Fails as `openEncoder` does: the first model must be good. Exchanges happen one after the other. */
export async function encoderSlot(dir: string, options: OpenOptions = {}): Promise<EncoderSlot> {
  let current = await openEncoder(dir, options);
  let exchanges: Promise<unknown> = Promise.resolve();
  const exchange = async (next: string) => {
    const opened = await openEncoder(next, options);
    const before = current;
    current = opened;
    void before.close();
    return opened.capabilities;
  };

  return {
    encoder: {
      get capabilities() {
        return current.capabilities;
      },
      embed: (texts, given) => current.embed(texts, given),
      classify: (text, given) => current.classify(text, given),
      rerank: (query, passages, given) => current.rerank(query, passages, given),
      close: () => current.close(),
    },
    replace(next) {
      const result = exchanges.then(() => exchange(next));
      exchanges = result.catch(() => undefined);
      return result;
    },
  };
}
