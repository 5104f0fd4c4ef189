/** One line of an `examples:` block. */
export interface ExampleLine {
  /** Counted from 0 within the block. */
  readonly line: number;
  readonly text: string;
}

/** A value marked in an example: `[DHL](carrier)`, or `[the yellow ones]{"entity": "carrier", "value": "DHL"}`. */
export interface Annotation {
  readonly text: string;
  readonly entity: string;
  /** Another value than the marked text: the text is then a word for it. */
  readonly value?: string;
}

const ANNOTATION = /\[([^[\]]{1,200})\](?:\(([^()\s]{1,64})\)|(\{[^{}]{1,300}\}))/g;

/** Parts a block into its lines; a line that does not begin with a dash is given without text, to be reported. */
export function exampleLines(block: string): readonly (ExampleLine | { readonly line: number })[] {
  return block.split(/\r?\n/).flatMap((raw, line) => {
    if (raw.trim() === '') return [];
    const text = /^ *-\s+(\S.*)$/su.exec(raw)?.[1]?.trim();
    return [text === undefined ? { line } : { line, text }];
  });
}

/** An example without its annotations, and the annotations; `bad` is an annotation that cannot be read. */
export function readAnnotations(example: string): {
  readonly text: string;
  readonly annotations: readonly Annotation[];
  readonly bad?: string;
} {
  const annotations: Annotation[] = [];
  let bad: string | undefined;
  const text = example.replace(ANNOTATION, (whole, marked: string, entity?: string, json?: string) => {
    const annotation = entity === undefined ? fromJson(marked, json ?? '') : { text: marked, entity };
    if (annotation) annotations.push(annotation);
    else bad ??= whole;
    return marked;
  });
  return { text, annotations, ...(bad === undefined ? {} : { bad }) };
}

function fromJson(text: string, json: string): Annotation | undefined {
  let read: unknown;
  try {
    read = JSON.parse(json);
  } catch {
    return undefined;
  }
  const { entity, value } = read as { readonly entity?: unknown; readonly value?: unknown };
  if (typeof entity !== 'string' || (value !== undefined && typeof value !== 'string')) return undefined;
  return { text, entity, ...(value === undefined ? {} : { value }) };
}
