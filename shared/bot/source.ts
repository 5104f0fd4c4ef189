import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { BotIssue } from './error.ts';

/** Where in a file's data something stands. */
export type Path = readonly (string | number)[];

/** One YAML file that could be read: its data, and the place in the text of everything in it. */
export interface Source {
  readonly file: string;
  readonly value: unknown;
  /** A problem with the value at a path, or, for `key`, with the key itself. */
  readonly issue: (path: Path, message: string, more?: { readonly hint?: string; readonly part?: 'key' }) => BotIssue;
  /** A problem in one line, counted from 0, of the literal block (`|`) at a path. */
  readonly issueInBlock: (path: Path, line: number, message: string, more?: { readonly hint?: string }) => BotIssue;
}

/** More than any honest file needs; the growth of an alias bomb is stopped long before it hurts. */
const MOST_ALIASES = 100;
/** What is wrong after so many is only what follows from them. */
const MOST_SYNTAX_ERRORS = 20;
const TOO_DEEP = 'too deeply nested to be read';
/** What to do about the commonest faults, by what the parser calls them. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/tabs/iu, 'indent with spaces'],
  [/keys must be unique/iu, 'this key stands here twice: keep one'],
  [/unresolved alias/iu, 'no anchor before it has this name'],
  [/implicit key|nested mappings/iu, 'put quotes around a text with a colon in it'],
  [/indented|indentation/iu, 'what belongs together begins in the same column'],
];

/** Reads a YAML text without touching a disk; a text that is not YAML gives its problems instead of a source. */
export function parseSource(file: string, text: string): Source | readonly BotIssue[] {
  const lines = new LineCounter();
  const place = (offset: number): { file: string; line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  let doc: Document;
  let value: unknown;
  try {
    doc = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: true });
    const problems = [...doc.errors, ...doc.warnings].slice(0, MOST_SYNTAX_ERRORS);
    if (problems.length > 0) {
      return problems.map(({ pos, message }) => {
        const hint = HINTS.find(([pattern]) => pattern.test(message))?.[1];
        return {
          ...place(pos[0]),
          message: /call stack/.test(message) ? TOO_DEEP : message,
          ...(hint !== undefined && { hint }),
        };
      });
    }
    value = doc.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    // A bomb of aliases is a ReferenceError, nesting thousands deep a RangeError; neither says where.
    if (!(error instanceof ReferenceError)) return [{ file, line: 1, column: 1, message: TOO_DEEP }];
    const at = text.search(/(?<=[\s[{,:-])\*[\p{L}\p{N}_]/u);
    return [{ ...place(Math.max(0, at)), message: 'too many aliases', hint: 'write out what they stand for' }];
  }

  const issue: Source['issue'] = (path, message, { hint, part } = {}) => ({
    ...place(nodeAt(doc, path, part)?.range?.[0] ?? 0),
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  const issueInBlock: Source['issueInBlock'] = (path, line, message, more) => {
    const atBlock = issue(path, message, more);
    const node = nodeAt(doc, path, undefined);
    if (!isScalar(node) || node.type !== 'BLOCK_LITERAL') return atBlock;
    const start = lines.lineStarts[atBlock.line + line] ?? 0;
    const indent = /^[ \t]*/.exec(text.slice(start, start + 200))?.[0].length ?? 0;
    return { ...atBlock, line: atBlock.line + 1 + line, column: indent + 1 };
  };
  return { file, value, issue, issueInBlock };
}

/** The node at a path; where the path leads nowhere, the last node on the way, so that a missing key points at its map. */
function nodeAt(doc: Document, path: Path, part: 'key' | undefined): Node | undefined {
  let node: Node | undefined = doc.contents ?? undefined;
  for (const [depth, key] of path.entries()) {
    if (isAlias(node)) node = node.resolve(doc);
    let child: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
      child = part === 'key' && depth === path.length - 1 ? pair?.key : (pair?.value ?? pair?.key);
    } else if (isSeq(node)) child = node.items[Number(key)];
    if (!isNode(child)) return node;
    node = child;
  }
  return node;
}
