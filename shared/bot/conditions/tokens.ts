/** A piece of a condition, and where it begins; columns count from 1. */
export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign' | 'end';
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a condition, and where. */
export class ConditionError extends Error {
  readonly line: number;
  readonly column: number;

  constructor(message: string, { line, column }: Pick<Token, 'line' | 'column'>) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

const LONGEST = 1_000;
const PIECE =
  /([\p{L}_][\p{L}\p{N}_]{0,63}(?:\.[\p{L}_][\p{L}\p{N}_]{0,63}){0,2})|(-?\d{1,15}(?:\.\d{1,9})?)|"([^"\n]{0,300})"|'([^'\n]{0,300})'|(==|!=|<=|>=|[=<>()[\],])/uy;

/** Takes a condition apart. Fails with a ConditionError where there is something that is no piece of one. */
export function tokensOf(source: string): readonly Token[] {
  if (source.length > LONGEST) {
    throw new ConditionError(`a condition may have ${LONGEST} characters`, { line: 1, column: 1 });
  }
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let lineStart = 0;
  for (;;) {
    while (/\s/u.test(source.charAt(at))) {
      if (source.charAt(at) === '\n') [line, lineStart] = [line + 1, at + 1];
      at += 1;
    }
    const place = { line, column: at - lineStart + 1 };
    if (at >= source.length) return [...tokens, { kind: 'end', text: 'the end', ...place }];
    PIECE.lastIndex = at;
    const found = PIECE.exec(source);
    if (!found) throw new ConditionError(`unexpected ${source.charAt(at)}`, place);
    const [, name, number, double, single, sign] = found;
    const text = name ?? number ?? double ?? single ?? sign ?? '';
    const kind = name !== undefined ? 'name' : number !== undefined ? 'number' : sign !== undefined ? 'sign' : 'text';
    tokens.push({ kind, text, ...place });
    at = PIECE.lastIndex;
  }
}
