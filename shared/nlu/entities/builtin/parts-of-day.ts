import type { Clock, PartOfDay } from './when.ts';

interface Part extends PartOfDay {
  /** The hour of a clock of 24 hours that is meant by an hour of one of 12. */
  readonly hour: (hour: number) => number;
}
const part = (from: number, to: number, hour: (hour: number) => number): Part => ({
  from: from * 60,
  to: to * 60,
  hour,
});
const asSaid = (hour: number): number => hour;
const afterNoon = (hour: number): number => (hour < 12 ? hour + 12 : hour);
/** Twelve at night is the midnight after; one at night is the night after it too, but said of the day that begins. */
const atNight = (hour: number): number => (hour === 12 ? 24 : hour >= 5 && hour < 12 ? hour + 12 : hour);

const SMALL_HOURS = part(0, 6, (hour) => (hour === 12 ? 0 : hour));
const MORNING = part(6, 12, asSaid);
const NOON = part(11, 13, (hour) => (hour < 4 ? hour + 12 : hour));
const AFTERNOON = part(12, 18, afterNoon);
const EVENING = part(18, 24, (hour) => (hour === 12 ? 24 : afterNoon(hour)));
const NIGHT = part(18, 24, atNight);

const PARTS: Readonly<Record<string, Part>> = {
  凌晨: SMALL_HOURS,
  大清早: MORNING,
  一大早: MORNING,
  清晨: MORNING,
  清早: MORNING,
  早上: MORNING,
  早晨: MORNING,
  早: MORNING,
  上午: MORNING,
  中午: NOON,
  正午: NOON,
  下午: AFTERNOON,
  午后: AFTERNOON,
  傍晚: AFTERNOON,
  晚上: EVENING,
  晚间: EVENING,
  晚: EVENING,
  夜里: NIGHT,
  夜晚: NIGHT,
  深夜: NIGHT,
  半夜: NIGHT,
  夜: NIGHT,
  morning: MORNING,
  noon: NOON,
  afternoon: AFTERNOON,
  evening: EVENING,
  night: EVENING,
  tonight: EVENING,
};

/** The Chinese names, longest first, for regular expressions. */
export const ZH_PARTS = Object.keys(PARTS)
  .filter((name) => !/^[a-z]/.test(name))
  .toSorted((a, b) => b.length - a.length)
  .join('|');

/** When a part of the day begins and ends. */
export function partOfDay(name: string): PartOfDay | undefined {
  const found = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
  return found && { from: found.from, to: found.to };
}

/** What a clock shows at an hour of a part of the day; without a part, the hour is taken as it was said. */
export function clockIn(name: string | undefined, hour: number, minute: number, seconds = 0): Clock | undefined {
  const found = name !== undefined && Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
  const meant = found ? found.hour(hour) : hour;
  const minutes = meant * 60 + minute;
  return meant > 24 || minute > 59 || seconds > 59 || minutes > 1_440 ? undefined : { minutes, seconds };
}
