import type { Tokenizer } from '@xenova/transformers';
import { modelInvalid } from './invalid.ts';

/** What goes into a model for one text or pair. */
export interface Sequence {
  readonly ids: readonly number[];
  readonly types: readonly number[];
}

/** Numbers of tokens without the special ones around them. */
export type Bare = readonly number[];

/** Turns text into the numbers that a model was trained with, never more of them than it takes. */
export interface Tokens {
  readonly bare: (text: string) => Bare;
  readonly single: (text: Bare) => Sequence;
  /** The second is cut first, so that a question stays whole where it has up to half of the place. */
  readonly pair: (first: Bare, second: Bare) => Sequence;
}

/** Longer texts are cut here before anything else: a customer who pastes a book must not keep a worker busy. */
export const MAX_CHARACTERS = 10_000;

/**
 * Cuts between the special tokens, as Python's tokenizers do; the package would cut off the closing one with the rest.
 * So the special ones are learnt once from a short text, and put around what is left of each text.
 */
export function tokensOf(tokenizer: Tokenizer, maxTokens: number): Tokens {
  const bare = (text: string): Bare =>
    tokenizer(cut(text), { add_special_tokens: false, return_tensor: false }).input_ids;
  const a = bare('a');
  const b = bare('b');
  if (a.length === 0 || b.length === 0) throw modelInvalid('tokenizer.json', 'has no tokens for letters');
  const one = tokenizer('a', { return_tensor: false });
  const two = tokenizer('a', { text_pair: 'b', return_tensor: false });
  const ids = { one: one.input_ids, two: two.input_ids };
  const start = placeOf(ids.one, a);
  const first = placeOf(ids.two, a);
  const second = ids.two.length - b.length - (ids.one.length - start - a.length);
  const types = two.token_type_ids ?? ids.two.map(() => 0);
  const around = {
    open: ids.one.slice(0, start),
    between: ids.two.slice(first + a.length, second),
    close: ids.one.slice(start + a.length),
  };
  const room = maxTokens - around.open.length - around.close.length;

  return {
    bare,
    single(text) {
      const all = [...around.open, ...text.slice(0, room), ...around.close];
      return { ids: all, types: all.map(() => 0) };
    },
    pair(query, passage) {
      const shared = room - around.between.length;
      const asked = query.slice(0, Math.max(Math.floor(shared / 2), shared - passage.length));
      const answer = passage.slice(0, shared - asked.length);
      const before = [...around.open, ...asked, ...around.between];
      const after = [...answer, ...around.close];
      return {
        ids: [...before, ...after],
        types: [...before.map(() => types[0] ?? 0), ...after.map(() => types[types.length - 1] ?? 0)],
      };
    },
  };
}

function cut(text: string): string {
  // A pair of surrogates that is cut in the middle becomes a replacement character, as a broken one does.
  return text.slice(0, MAX_CHARACTERS).toWellFormed();
}

function placeOf(all: readonly number[], part: readonly number[]): number {
  const at = all.findIndex((_, i) => part.every((id, k) => all[i + k] === id));
  if (at < 0) throw modelInvalid('tokenizer.json', 'splits a text otherwise with special tokens than without');
  return at;
}
