import * as v from 'valibot';
import { codePointsOf } from '../entities/code-points.ts';
import { error, type DataProblem, type MarkedEntity, type TrainingData, type TrainingExample } from './example.ts';

const place = v.pipe(v.number(), v.integer(), v.minValue(0));
const Marked = v.object({
  entity: v.pipe(v.string(), v.nonEmpty()),
  start: place,
  end: place,
  value: v.optional(v.string()),
  role: v.optional(v.string()),
  group: v.optional(v.string()),
});
/** A row: `entities` in code points; `slots`, as published sets have them, in UTF-16 units. */
const Row = v.object({
  text: v.string(),
  intent: v.string(),
  entities: v.optional(v.array(Marked), []),
  slots: v.optional(v.array(Marked), []),
});

/** Reads JSON lines: `{"text": …, "intent": …, "entities": [{"entity", "start", "end", "value"?, "role"?, "group"?}]}`. */
export function readJsonLines(file: string, text: string): TrainingData {
  const examples: TrainingExample[] = [];
  const problems: DataProblem[] = [];
  for (const [i, raw] of text.split('\n').entries()) {
    if (raw.trim() === '') continue;
    const at = { file, line: i + 1, column: 1 };
    const row = parsed(raw);
    if (typeof row === 'string') {
      problems.push(error({ ...at, message: row }));
      continue;
    }
    const units = codePointsOf(row.text);
    const entities = [
      ...row.entities.map((it) => marked(row.text, it)),
      ...row.slots.map((it) => marked(row.text, { ...it, start: units(it.start), end: units(it.end) })),
    ];
    examples.push({ text: row.text, intent: row.intent, entities, file, line: i + 1 });
  }
  return { examples, entityLines: [], problems };
}

function parsed(raw: string): v.InferOutput<typeof Row> | string {
  let json: unknown;
  try {
    json = JSON.parse(raw);
  } catch {
    return 'this line is not JSON';
  }
  const result = v.safeParse(Row, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  return `${v.getDotPath(issue) ?? 'this line'}: ${issue.message}`;
}

function marked(text: string, { entity, start, end, value, role, group }: v.InferOutput<typeof Marked>): MarkedEntity {
  return {
    entity,
    start,
    end,
    value: value ?? Array.from(text).slice(start, end).join(''),
    ...(role !== undefined && { role }),
    ...(group !== undefined && { group }),
  };
}
