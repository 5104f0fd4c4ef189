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
  readonly role?: string;
  readonly group?: string;
  /** What stands around it in its example, without annotations. */
  readonly before: string;
  readonly after: string;
}

type Marked = Omit<Annotation, 'before' | 'after'>;

const ANNOTATION = /\[([^[\]]{1,200})\](?:\(([^()\s]{1,64})\)|(\{[^{}]{1,300}\}))/g;

const DETAILS = ['value', 'role', 'group'] as const;

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
  const found: { readonly marked: Marked; readonly start: number }[] = [];
  let bad: string | undefined;
  let text = '';
  let read = 0;
  for (const match of example.matchAll(ANNOTATION)) {
    const [whole, marked = '', entity, json = ''] = match;
    const annotation = entity === undefined ? fromJson(marked, json) : { text: marked, entity };
    text += example.slice(read, match.index);
    if (annotation) found.push({ marked: annotation, start: text.length });
    else bad ??= whole;
    text += marked;
    read = match.index + whole.length;
  }
  text += example.slice(read);
  const annotations = found.map(({ marked, start }) => ({
    ...marked,
    before: text.slice(0, start),
    after: text.slice(start + marked.text.length),
  }));
  return { text, annotations, ...(bad === undefined ? {} : { bad }) };
}

function fromJson(text: string, json: string): Marked | undefined {
  let read: unknown;
  try {
    read = JSON.parse(json);
  } catch {
    return undefined;
  }
  const { entity, ...rest } = read as Readonly<Record<'entity' | (typeof DETAILS)[number], unknown>>;
  const details = DETAILS.flatMap((key) => (rest[key] === undefined ? [] : [[key, rest[key]] as const]));
  if (typeof entity !== 'string' || details.some(([, detail]) => typeof detail !== 'string')) return undefined;
  return { text, entity, ...(Object.fromEntries(details) as Omit<Marked, 'text' | 'entity'>) };
}
