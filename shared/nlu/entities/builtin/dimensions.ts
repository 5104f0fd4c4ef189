/**
 * What the built-in recognisers find, the most telling first: of two that claim the same stretch of a text, the one that
 * stands first here is meant.
 */
export const DIMENSIONS = [
  'card',
  'id_number',
  'phone',
  'email',
  'url',
  'address',
  'datetime',
  'date',
  'time',
  'money',
  'percentage',
  'duration',
  'ordinal',
  'number',
] as const;

export type Dimension = (typeof DIMENSIONS)[number];

/** Those whose values tell by themselves who somebody is, or open an account. */
export const PERSONAL: ReadonlySet<Dimension> = new Set(['card', 'id_number', 'phone', 'email', 'address']);

/** Duckling's names, for bots that come from Rasa. */
const ALIASES: Readonly<Record<string, Dimension>> = {
  'amount-of-money': 'money',
  'phone-number': 'phone',
  'credit-card-number': 'card',
};

/** The recogniser of this name, ours or Duckling's. */
export const dimensionNamed = (name: string): Dimension | undefined =>
  DIMENSIONS.find((it) => it === name) ?? (Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined);
