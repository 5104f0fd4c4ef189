import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Json } from './actions.ts';
import { patternProblem } from './pattern.ts';

/** Says whether an answer is as its action's author has declared it. */
export type AnswerCheck = (answer: unknown) => boolean;

/**
 * Makes a check of a JSON Schema (2020-12). `format` is only a remark, as the standard has it. Fails with an error for
 * the bot's author on what is no schema, on keywords that nobody knows, on references to elsewhere, and on patterns that
 * can take for ever.
 */
export function answerCheck(schema: Json): AnswerCheck {
  const problem = patternsIn(schema).map(patternProblem).find(Boolean);
  if (problem !== undefined) throw new Error(problem);
  const ajv = new Ajv2020({
    strictSchema: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    validateFormats: false,
    logger: false,
  });
  const check: ValidateFunction = ajv.compile(schema as object);
  return (answer) => check(answer);
}

/** Every pattern of a schema; a property that happens to be called so is taken for one, too, where it is a text. */
function patternsIn(schema: Json): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]: [string, Json]) => {
    if (key === 'pattern' && typeof value === 'string') return [value];
    const names = key === 'patternProperties' && typeof value === 'object' && value !== null ? Object.keys(value) : [];
    return [...names, ...patternsIn(value)];
  });
}
