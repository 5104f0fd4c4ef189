import type { BotIssue } from './error.ts';
import { exampleLines } from './examples.ts';
import { didYouMean } from './nearest.ts';
import type { NluFile } from './schema.ts';
import type { Path } from './source.ts';
import type { Parsed } from './strict.ts';

const KINDS = ['intent', 'regex', 'lookup', 'synonym'] as const;

/** One line of examples: what it stands under, and a way to complain about it. */
export interface NluLine {
  readonly kind: (typeof KINDS)[number];
  /** The intent, the entity, or the value that a synonym stands for. */
  readonly name: string;
  readonly language: string | undefined;
  readonly text: string;
  readonly issue: (message: string, more?: { readonly hint?: string }) => BotIssue;
}

/** What the other files say may stand in an NLU file. */
export interface Declared {
  readonly intents: ReadonlySet<string>;
  readonly entities: ReadonlySet<string>;
  readonly locales: readonly [string, ...string[]];
}

/** Takes the entries of an NLU file apart into lines. */
export function readNluLines(
  { source, content }: Parsed<NluFile>,
  declared: Declared,
): { readonly lines: readonly NluLine[]; readonly issues: readonly BotIssue[] } {
  const lines: NluLine[] = [];
  const issues: BotIssue[] = [];
  for (const [i, entry] of content.nlu.entries()) {
    const path: Path = ['nlu', i];
    const [kind, another] = KINDS.filter((it) => entry[it] !== undefined);
    if (!kind || another) {
      issues.push(source.issue(path, 'an entry is one of intent, regex, lookup and synonym'));
      continue;
    }
    const name = entry[kind] ?? '';
    const { language } = entry.metadata;
    const known = kind === 'intent' ? declared.intents : declared.entities;
    if (kind !== 'synonym' && !known.has(name)) {
      const what = kind === 'intent' ? 'intent' : 'entity';
      issues.push(source.issue([...path, kind], `unknown ${what} ${name}`, didYouMean(name, known)));
    }
    if (language !== undefined && !declared.locales.includes(language)) {
      const more = { hint: `bot.yml names ${declared.locales.join(', ')}` };
      issues.push(source.issue([...path, 'metadata', 'language'], `${language} is not a language of this bot`, more));
    }
    const at: Path = [...path, 'examples'];
    if (typeof entry.examples !== 'string') {
      for (const [j, { text }] of entry.examples.entries()) {
        const issue: NluLine['issue'] = (message, more) => source.issue([...at, j, 'text'], message, more);
        // As in Rasa, with or without the dash of a block.
        lines.push({ kind, name, language, text: text.trim().replace(/^-\s+/u, ''), issue });
      }
      continue;
    }
    const examples = exampleLines(entry.examples);
    if (examples.length === 0) issues.push(source.issue(at, `${kind} ${name} has no examples`));
    for (const example of examples) {
      const issue: NluLine['issue'] = (message, more) => source.issueInBlock(at, example.line, message, more);
      if ('text' in example) lines.push({ kind, name, language, text: example.text, issue });
      else issues.push(issue('each line begins with "- "', { hint: 'indent with spaces, not tabs' }));
    }
  }
  return { lines, issues };
}
