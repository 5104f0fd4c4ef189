import { lexer, type Token, type Tokens } from 'marked';
import * as v from 'valibot';
import { parseDocument, type Document } from 'yaml';
import { DraftFault, outline, type Draft, type Outline } from './draft.ts';
import { textOfHtml } from './html.ts';

/** What may stand between two lines of `---` at the beginning. */
const FrontMatter = v.strictObject({
  id: v.exactOptional(v.string()),
  title: v.exactOptional(v.string()),
  locale: v.exactOptional(v.string()),
  questions: v.exactOptional(v.array(v.string())),
});

const FRONT = /^---[ \t]*\r?\n([^]*?)\r?\n---[ \t]*(?:\r?\n|$)/u;
/** Text that is quoted so deeply takes the parser long, and nobody writes it. */
const DEEP = /^(?:[ \t]*(?:>|[-+*]|\d{1,9}[.)])){24}/mu;

/**
 * An article in CommonMark with tables. Its first heading of the first level is its title; YAML between `---` at the
 * beginning may give `id`, `title`, `locale` and `questions`. Throws a DraftFault.
 */
export function readMarkdown(text: string): Draft {
  const found = FRONT.exec(text);
  const front = found ? frontMatter(found[1] ?? '') : {};
  const skipped = found?.[0] ?? '';
  const body = text.slice(skipped.length);
  const deep = DEEP.exec(body);
  const from = 1 + newlines(skipped);
  if (deep) throw new DraftFault(from + newlines(body.slice(0, deep.index)), 'quotes or lists are nested too deeply');
  const { blocks, title } = blocksIn(lexer(body), from);
  const { id, locale, questions = [] } = front;
  const named = front.title ?? title;
  return {
    ...(id !== undefined && { id }),
    ...(locale !== undefined && { locale }),
    ...(named !== undefined && { title: named }),
    questions,
    blocks,
    line: 1,
  };
}

function frontMatter(text: string): v.InferOutput<typeof FrontMatter> {
  const document = parseDocument(text, { logLevel: 'silent' });
  const [error] = document.errors;
  if (error) throw new DraftFault(1 + (error.linePos?.[0].line ?? 1), `the front matter is not YAML`, error);
  const parsed = v.safeParse(FrontMatter, frontValue(document) ?? {});
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new DraftFault(1, `front matter: ${v.getDotPath(issue) ?? 'it'} is not known or not valid`);
}

/** Aliases can make a short text long beyond measure, and nothing here needs them. */
function frontValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw new DraftFault(1, 'front matter: aliases are not allowed', cause);
  }
}

function blocksIn(
  tokens: readonly Token[],
  from: number,
): { readonly blocks: Draft['blocks']; readonly title?: string } {
  const lines = outline();
  let line = from;
  let title: string | undefined;
  for (const token of tokens) {
    if (token.type === 'heading' && (token as Tokens.Heading).depth === 1 && title === undefined) title = textOf(token);
    else place(token, line, lines);
    line += newlines(token.raw);
  }
  return { blocks: lines.blocks, ...(title !== undefined && { title }) };
}

function place(token: Token, line: number, to: Outline): void {
  switch (token.type) {
    case 'heading':
      to.heading((token as Tokens.Heading).depth, textOf(token));
      return;
    case 'list': {
      let at = line;
      for (const item of (token as Tokens.List).items) {
        placeAll(item.tokens, at, to);
        at += newlines(item.raw);
      }
      return;
    }
    case 'blockquote':
      placeAll(token.tokens ?? [], line, to);
      return;
    case 'table': {
      const { rows } = token as Tokens.Table;
      rows.forEach((cells, i) => {
        to.block(cells.map((cell) => cell.tokens.map(textOf).join('')).join(' · '), line + 2 + i);
      });
      return;
    }
    case 'space':
    case 'hr':
    case 'def':
      return;
    default:
      to.block(textOf(token), line);
  }
}

function placeAll(tokens: readonly Token[], line: number, to: Outline): void {
  let at = line;
  for (const token of tokens) {
    place(token, at, to);
    at += newlines(token.raw);
  }
}

/** What a reader sees of it: the words of a link without its address, those of a picture, no marks. */
function textOf(token: Token): string {
  if (token.type === 'br') return ' ';
  if (token.type === 'html') return textOfHtml(token.raw);
  if (token.type === 'image') return textOfHtml((token as Tokens.Image).text);
  const inner = 'tokens' in token ? token.tokens : undefined;
  if (inner && inner.length > 0) return inner.map(textOf).join('');
  const { text } = token as { readonly text?: string };
  if (text === undefined) return '';
  return token.type === 'text' ? textOfHtml(text) : text;
}

const newlines = (text: string): number => text.split('\n').length - 1;
