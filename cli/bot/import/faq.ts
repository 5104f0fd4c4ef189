import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import type { BotIssue } from '../../../shared/bot/error.ts';
import { yaml, type Imported } from './rasa.ts';

const COLUMNS = ['question', 'answer', 'variants', 'category', 'id', 'locale'];
const BETWEEN = '|';
const LONGEST_NAME = 40;

interface Row {
  readonly question: string;
  readonly answer: string;
  readonly variants: readonly string[];
  readonly category: string;
  readonly locale: string;
}

/**
 * A table of questions and answers as a bot: each pair is a retrieval intent, `faq/…` or by its category, and the table
 * is its knowledge base for what is asked in other words. Columns: question, answer, and if wanted variants (`|` between
 * them), category and locale.
 */
export function importFaq(file: string, text: string, name: string, defaultLocale: string): Imported {
  const issues: BotIssue[] = [];
  const at = (line: number, message: string, hint?: string): void => {
    issues.push({ file, line, column: 1, message, ...(hint !== undefined && { hint }) });
  };
  const rows = rowsOf(text, defaultLocale, at);
  const locales = [...new Set([defaultLocale, ...rows.map(({ locale }) => locale)])];
  const intents = new Map<string, Row[]>();
  const seen = new Map<string, string>();
  for (const row of rows) {
    const intent = `${slug(row.category || 'faq')}/${nameOf(row.question)}`;
    const own = intents.get(intent) ?? [];
    own.push(row);
    intents.set(intent, own);
  }
  const nlu = [...intents].flatMap(([intent, own]) =>
    own.flatMap(({ question, variants, locale }) => {
      const fresh = [question, ...variants].filter((it) => {
        const key = it.normalize('NFKC').toLowerCase();
        const is = seen.has(key);
        seen.set(key, intent);
        return !is;
      });
      return fresh.length === 0
        ? []
        : [{ intent, metadata: { language: locale }, examples: fresh.map((it) => `- ${it}\n`).join('') }];
    }),
  );
  const own = Object.fromEntries(
    [...intents].map(([intent, all]) => [
      `utter_${intent}`,
      [...new Map(told(all, defaultLocale).map((row) => [row.locale, row])).values()].map(({ answer, locale }) => ({
        // Braces are placeholders.
        text: answer.replaceAll(/[{}]/gu, ''),
        metadata: { language: locale },
      })),
    ]),
  );
  const said = (en: string, zh: string) =>
    locales.map((language) => ({ text: language.startsWith('zh') ? zh : en, metadata: { language } }));
  const domain = {
    version: '3.1',
    intents: [...new Set([...intents.keys()].map((it) => it.slice(0, it.indexOf('/'))))],
    responses: {
      ...own,
      utter_default: said(
        'Sorry, I have no answer to that. Could you put it another way?',
        '抱歉，我没有找到答案，您可以换个说法吗？',
      ),
      utter_handoff: said('I am connecting you with a colleague.', '正在为您转接人工客服，请稍候。'),
    },
  };
  const bot = { name, locales, threshold: 0.5, misses_before_handoff: 3, knowledge: 'passages' };
  const files = new Map([
    ['bot.yml', yaml(bot)],
    ['domain.yml', yaml(domain)],
    ['nlu/faq.yml', yaml({ version: '3.1', nlu })],
    ['flows.yml', yaml({ version: '3.1', flows: {} })],
    ['knowledge/faq.csv', csv(rows)],
  ]);
  return { files: rows.length === 0 ? new Map() : files, notes: issues };
}

function rowsOf(
  text: string,
  defaultLocale: string,
  at: (line: number, message: string, hint?: string) => void,
): readonly Row[] {
  let lines: readonly string[][];
  try {
    lines = parse(text, {
      bom: true,
      relaxColumnCount: true,
      skipEmptyLines: true,
      delimiter: [',', ';', '\t'],
      maxRecordSize: 200_000,
    });
  } catch (error) {
    at((error as { lines?: number }).lines ?? 1, error instanceof Error ? error.message : String(error));
    return [];
  }
  const [head = [], ...body] = lines;
  const names = head.map((it) => it.trim().toLowerCase());
  const columns = Object.fromEntries(COLUMNS.map((it) => [it, names.indexOf(it)]));
  if ((columns['question'] ?? -1) < 0 || (columns['answer'] ?? -1) < 0) {
    at(1, 'the first line names the columns question and answer', 'question,answer,variants,category');
    return [];
  }
  return body.flatMap((cells, i): readonly Row[] => {
    const cell = (name: string): string => (cells[columns[name] ?? -1] ?? '').trim();
    const [question, answer] = [cell('question'), cell('answer')];
    if (question === '' || answer === '') {
      at(i + 2, 'a row needs a question and an answer: it is left out');
      return [];
    }
    const variants = cell('variants')
      .split(BETWEEN)
      .map((it) => it.trim())
      .filter(Boolean);
    return [{ question, answer, variants, category: cell('category'), locale: cell('locale') || defaultLocale }];
  });
}

/** A question that is asked in one language only is answered in that one, whoever asks. */
function told(rows: readonly Row[], locale: string): readonly Row[] {
  const [first] = rows;
  return !first || rows.some((row) => row.locale === locale) ? rows : [{ ...first, locale }, ...rows];
}

/** Words where there are Latin ones; else a short hash, which stays the same for the same question. */
function nameOf(question: string): string {
  const words = slug(question);
  const digest = createHash('sha256').update(question).digest('hex').slice(0, 6);
  return words.length >= 3 ? `${words.slice(0, LONGEST_NAME).replace(/_+$/u, '')}_${digest}` : `q_${digest}`;
}

const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/gu, '')
    .replace(/^(?=\p{N})/u, 'q_')
    .slice(0, LONGEST_NAME) || 'faq';

const csv = (rows: readonly Row[]): string => {
  const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
  const lines = rows.map(({ question, answer, variants, locale }) =>
    [question, answer, variants.join(BETWEEN), locale].map(quoted).join(','),
  );
  return `question,answer,variants,locale\n${lines.join('\n')}\n`;
};
