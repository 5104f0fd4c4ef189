import { exampleLines, readAnnotations } from '../../bot/examples.ts';
import { parseSource } from '../../bot/source.ts';
import { codePointsOf } from '../entities/code-points.ts';
import { error, type DataProblem, type EntityLine, type TrainingData, type TrainingExample } from './example.ts';

const KINDS = ['intent', 'regex', 'lookup', 'synonym'] as const;

/**
 * Reads a Rasa NLU file (`nlu:` with `intent`, `regex`, `lookup` and `synonym` entries). Values are marked as
 * `[DHL](carrier)` or `[the yellow ones]{"entity":"carrier","value":"DHL","role":"from","group":"1"}`. Other parts of the
 * file (rules, stories) are left alone.
 */
export function readRasa(file: string, text: string): TrainingData {
  const source = parseSource(file, text);
  if (!('value' in source)) return { examples: [], entityLines: [], problems: source.map(error) };
  const examples: TrainingExample[] = [];
  const entityLines: EntityLine[] = [];
  const problems: DataProblem[] = [];
  const entries = isRecord(source.value) ? source.value['nlu'] : undefined;
  if (!Array.isArray(entries)) {
    return { examples, entityLines, problems: [error(source.issue([], 'there is no list nlu in this file'))] };
  }
  for (const [i, entry] of entries.entries()) {
    const path = ['nlu', i];
    const [kind, another] = isRecord(entry) ? KINDS.filter((it) => typeof entry[it] === 'string') : [];
    if (!isRecord(entry) || !kind || another) {
      problems.push(error(source.issue(path, 'an entry is one of intent, regex, lookup and synonym')));
      continue;
    }
    const name = String(entry[kind]);
    const block = entry['examples'];
    if (typeof block !== 'string') {
      problems.push(error(source.issue(path, `${kind} ${name} has no examples`, { hint: 'write examples: |' })));
      continue;
    }
    const at = [...path, 'examples'];
    const lines = exampleLines(block);
    if (lines.length === 0) problems.push(error(source.issue(at, `${kind} ${name} has no examples`)));
    for (const line of lines) {
      if (!('text' in line)) {
        const hint = 'indent with spaces, not tabs';
        problems.push(error(source.issueInBlock(at, line.line, 'each line begins with "- "', { hint })));
      } else if (kind === 'intent') {
        const { text: plain, annotations, bad } = readAnnotations(line.text);
        if (bad !== undefined)
          problems.push(error(source.issueInBlock(at, line.line, 'this annotation cannot be read')));
        const place = codePointsOf(plain);
        const entities = annotations.map(({ text: marked, entity, value = marked, role, group, before }) => ({
          entity,
          start: place(before.length),
          end: place(before.length + marked.length),
          value,
          ...(role !== undefined && { role }),
          ...(group !== undefined && { group }),
        }));
        const { line: number } = source.issueInBlock(at, line.line, '');
        examples.push({ text: plain, intent: name, entities, file, line: number });
      } else entityLines.push({ kind, name, text: line.text });
    }
  }
  return { examples, entityLines, problems };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
