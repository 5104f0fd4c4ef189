const MEASURES = ['agreement', 'accuracy', 'turns'] as const;
/** What can be asked for. */
export type Measure = (typeof MEASURES)[number];

/** What has to hold before a model is promoted: `agreement>=0.98`. */
export interface Rule {
  readonly measure: Measure;
  readonly least: number;
}

/** Reads a rule; undefined where it is none. */
export function ruleOf(text: string): Rule | undefined {
  const [, measure, least] = /^(\w+)\s*>=\s*(\d+(?:\.\d+)?)$/u.exec(text) ?? [];
  const known = MEASURES.find((it) => it === measure);
  return known && least !== undefined ? { measure: known, least: Number(least) } : undefined;
}
