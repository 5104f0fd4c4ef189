import type { Breakers } from '../egress/breaker.ts';
import type { Engine } from './engine.ts';

/** The recognisers of a process. */
export interface Engines {
  /** Those that understand a language, best first; without those that have failed too often lately. */
  readonly of: (locale: string) => readonly Engine[];
  /** The one with exactly this model. */
  readonly named: (model: string) => Engine | undefined;
  /** Takes note of how an utterance went. */
  readonly worked: (engine: Engine) => void;
  readonly failed: (engine: Engine) => void;
}

/** Chooses among engines, in their order, each under the breaker of its model. `list` may change between utterances. */
export function enginesOf(list: () => readonly Engine[], breakers: Breakers): Engines {
  const note = (engine: Engine, outcome: () => Promise<unknown>) => {
    breakers(engine.capabilities.model, outcome).catch(() => undefined);
  };
  return {
    of(locale) {
      const language = locale.split('-', 1)[0]?.toLowerCase() ?? '';
      const able = list().filter(
        ({ capabilities: { languages } }) => languages.length === 0 || languages.includes(language),
      );
      const sound = able.filter(({ capabilities: { model } }) => breakers.stateOf(model) !== 'open');
      // One that may fail is better than none.
      return sound.length > 0 ? sound : able;
    },
    named: (model) => list().find(({ capabilities }) => capabilities.model === model),
    worked: (engine) => {
      note(engine, () => Promise.resolve());
    },
    failed: (engine) => {
      note(engine, () => Promise.reject(new Error('failed')));
    },
  };
}
