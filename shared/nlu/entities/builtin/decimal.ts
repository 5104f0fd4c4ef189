/** An exact decimal number, `digits` times ten to the power of minus `scale`: prices do not survive binary fractions. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

export const ZERO: Decimal = { digits: 0n, scale: 0 };

/** Reads `1,234.50`; the text has been matched before. */
export function decimal(text: string): Decimal {
  const [whole = '', fraction = ''] = text.replaceAll(',', '').split('.');
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

export const integer = (value: number | bigint): Decimal => ({ digits: BigInt(value), scale: 0 });

/** Moves the point: `shifted(x, 2)` is a hundred times x, `shifted(x, -2)` a hundredth. */
export function shifted({ digits, scale }: Decimal, places: number): Decimal {
  const moved = scale - places;
  return moved >= 0 ? { digits, scale: moved } : { digits: digits * 10n ** BigInt(-moved), scale: 0 };
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  const raised = ({ digits, scale: has }: Decimal): bigint => digits * 10n ** BigInt(scale - has);
  return { digits: raised(a) + raised(b), scale };
}

export function times({ digits, scale }: Decimal, factor: bigint): Decimal {
  return { digits: digits * factor, scale };
}

export const negated = ({ digits, scale }: Decimal): Decimal => ({ digits: -digits, scale });

/** Plain decimal notation without an exponent, without zeros that say nothing: `98.5`, `23000000`, `-0.2`. */
export function written({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? '-' : '';
  const all = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = all.slice(0, all.length - scale);
  const fraction = all.slice(all.length - scale).replace(/0{1,40}$/, '');
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The nearest binary number, for counts that are small. */
export const approximately = (value: Decimal): number => Number(written(value));
