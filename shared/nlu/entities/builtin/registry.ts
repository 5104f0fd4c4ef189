import type { Dimension } from './dimensions.ts';
import type { Recogniser } from './reading.ts';

/** Loaded when a bot asks for them: the library for phone numbers alone takes 60 ms, that for dates 40. */
const LOADERS: Readonly<Record<Dimension, () => Promise<Recogniser>>> = {
  card: async () => (await import('./identifiers.ts')).cards,
  id_number: async () => (await import('./identifiers.ts')).idNumbers,
  phone: async () => (await import('./phone.ts')).phones,
  email: async () => (await import('./identifiers.ts')).emails,
  url: async () => (await import('./identifiers.ts')).urls,
  address: async () => (await import('./address.ts')).addresses,
  datetime: async () => (await import('./moments.ts')).datetimes,
  date: async () => (await import('./moments.ts')).dates,
  time: async () => (await import('./moments.ts')).times,
  money: async () => (await import('./money.ts')).money,
  percentage: async () => (await import('./number.ts')).percentages,
  duration: async () => (await import('./duration.ts')).durations,
  ordinal: async () => (await import('./ordinal.ts')).ordinals,
  number: async () => (await import('./number.ts')).numbers,
};

/** The built-in recogniser of a dimension. */
export const recogniserOf = (dimension: Dimension): Promise<Recogniser> => LOADERS[dimension]();
