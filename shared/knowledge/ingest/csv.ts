import { hash } from 'node:crypto';
import { CsvError, parse } from 'csv-parse/sync';
import { DraftFault, outline, oneLine, type Draft } from './draft.ts';

const COLUMNS = ['question', 'answer', 'id', 'locale', 'variants'];
/** What separates several ways of asking in one cell. */
const BETWEEN_VARIANTS = /\s*[|\n]\s*/u;
const DELIMITERS = [',', ';', '\t'];

interface Row {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

/**
 * Pairs of a question and its answer, one row each, below a row of names: `question`, `answer`, and if wanted `id`,
 * `locale` and `variants` (other ways of asking, `|` between them). Commas, semicolons or tabs between the cells.
 * A pair without an id is named by its question. Throws a DraftFault.
 */
export function readCsv(text: string): readonly Draft[] {
  const rows = rowsOf(text);
  return rows.map(({ record, info: { lines: end } }) => {
    const { question = '', answer = '', id = '', locale = '', variants = '' } = record;
    // The parser tells where a row ends; within it, its cells may have line breaks.
    const line = end - Object.values(record).reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
    if (oneLine(question) === '') throw new DraftFault(line, 'the question is empty');
    const text = outline();
    for (const paragraph of answer.split('\n')) text.block(paragraph, line);
    return {
      id: id.trim() || `faq-${hash('sha256', oneLine(question)).slice(0, 12)}`,
      ...(locale.trim() !== '' && { locale: locale.trim() }),
      title: oneLine(question),
      questions: variants.split(BETWEEN_VARIANTS).map(oneLine).filter(Boolean),
      blocks: text.blocks,
      line,
    };
  });
}

function rowsOf(text: string): readonly Row[] {
  const [head = ''] = text.split('\n', 1);
  const delimiter = DELIMITERS.toSorted((a, b) => head.split(b).length - head.split(a).length)[0] ?? ',';
  try {
    return parse(text, {
      delimiter,
      columns: (names: readonly string[]) => checkedNames(names.map((name) => name.trim().toLowerCase())),
      bom: true,
      info: true,
      skip_empty_lines: true,
      max_record_size: 500_000,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? error['lines'] : 1;
    throw new DraftFault(line, `it is not CSV: ${reasonOf(error)}`, error);
  }
}

function checkedNames(names: string[]): string[] {
  for (const needed of ['question', 'answer']) {
    if (!names.includes(needed))
      throw new DraftFault(1, `the first row has to name the columns, and ${needed} is missing`);
  }
  const unknown = names.find((name) => !COLUMNS.includes(name));
  if (unknown !== undefined) throw new DraftFault(1, `the column ${JSON.stringify(unknown.slice(0, 40))} is not known`);
  return names;
}

const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  CSV_RECORD_INCONSISTENT_COLUMNS: 'this row has another number of cells',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'this row has another number of cells',
  CSV_INVALID_CLOSING_QUOTE: 'something follows a closing quote',
  INVALID_OPENING_QUOTE: 'there is a quote within a cell that is not quoted',
  CSV_MAX_RECORD_SIZE: 'a row is longer than 500,000 characters',
};

const reasonOf = ({ code }: CsvError): string => REASONS[code] ?? 'a row cannot be read';
