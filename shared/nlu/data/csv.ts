import { error, type DataProblem, type TrainingData, type TrainingExample } from './example.ts';

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Reads CSV (RFC 4180) with a first line that names the columns; `text` and `intent` are read, others left alone. */
export function readCsv(file: string, text: string): TrainingData {
  const { rows, unclosed } = rowsOf(text);
  const [head, ...body] = rows;
  const names = head?.cells.map((name) => name.trim().toLowerCase()) ?? [];
  const [textAt, intentAt] = [names.indexOf('text'), names.indexOf('intent')];
  if (textAt < 0 || intentAt < 0) {
    const hint = 'text,intent';
    const problem = error({
      file,
      line: 1,
      column: 1,
      message: 'the first line names the columns text and intent',
      hint,
    });
    return { examples: [], entityLines: [], problems: [problem] };
  }
  const problems: DataProblem[] = [];
  if (unclosed !== undefined) {
    problems.push(
      error({ file, line: unclosed, column: 1, message: 'the quotation mark of this row is never closed' }),
    );
  }
  const examples = body.flatMap(({ line, cells }): readonly TrainingExample[] => {
    if (cells.length === 1 && cells[0]?.trim() === '') return [];
    const [sentence, intent] = [cells[textAt], cells[intentAt]];
    if (sentence === undefined || intent === undefined || cells.length > names.length) {
      const message = `this row has ${cells.length} cells, the first line ${names.length}`;
      problems.push(error({ file, line, column: 1, message }));
      return [];
    }
    return [{ text: sentence.trim(), intent: intent.trim(), entities: [], file, line }];
  });
  return { examples, entityLines: [], problems };
}

function rowsOf(text: string): { readonly rows: readonly Row[]; readonly unclosed: number | undefined } {
  const rows: Row[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let begun = 1;
  const endRow = (): void => {
    rows.push({ line: begun, cells: [...cells, cell] });
    cells = [];
    cell = '';
    begun = line;
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '\n') line += 1;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"' && cell === '') quoted = true;
    else if (char === ',') {
      cells.push(cell);
      cell = '';
    } else if (char === '\n') endRow();
    else if (char !== '\r') cell += char;
  }
  const unclosed = quoted ? begun : undefined;
  if (cell !== '' || cells.length > 0) endRow();
  return { rows, unclosed };
}
