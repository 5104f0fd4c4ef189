/** Something that tells who a customer is, and what kind of thing it is. */
export interface Personal {
  /** Lower case letters and underscores. */
  readonly kind: string;
  readonly value: string;
}

/** Texts in which placeholders stand for what is personal. */
export interface Masked {
  readonly texts: readonly string[];
  /** Puts back what the placeholders stand for. Undefined where one stands for nothing that was masked. */
  readonly restore: (text: string) => string | undefined;
}

/** Whatever looks like one of our placeholders. */
const PLACEHOLDER = /\[\[[^[\]]{0,80}\]\]/gu;
/** The kind of what looked like a placeholder before anything was masked: it must not be restored as one. */
const LITERAL = 'text';
const SHORTEST = 2;

/**
 * Replaces every occurrence of personal values by placeholders such as `[[phone-1]]`, the same value by the same one.
 * What looks like a placeholder already is masked, too, so that nobody can write one: `restore` of a masked text is the
 * text that it was, whatever stood in it.
 */
export function mask(texts: readonly string[], personal: readonly Personal[]): Masked {
  const kinds = new Map(
    personal.filter(({ value }) => value.length >= SHORTEST).map(({ value, kind }) => [value, kind]),
  );
  const values = [...kinds.keys()].toSorted((a, b) => b.length - a.length);
  const anything = new RegExp([PLACEHOLDER.source, ...values.map(escaped)].join('|'), 'gu');
  const placeholders = new Map<string, string>();
  const meanings = new Map<string, string>();
  const placeholderOf = (value: string): string => {
    const known = placeholders.get(value);
    if (known !== undefined) return known;
    const placeholder = `[[${kinds.get(value) ?? LITERAL}-${placeholders.size + 1}]]`;
    placeholders.set(value, placeholder);
    meanings.set(placeholder, value);
    return placeholder;
  };
  return {
    texts: texts.map((text) => text.replace(anything, placeholderOf)),
    restore(text) {
      const unknown: string[] = [];
      const restored = text.replace(PLACEHOLDER, (placeholder) => {
        const value = meanings.get(placeholder);
        if (value === undefined) unknown.push(placeholder);
        return value ?? '';
      });
      return unknown.length === 0 ? restored : undefined;
    },
  };
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
