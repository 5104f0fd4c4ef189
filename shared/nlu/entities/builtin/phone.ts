import { findPhoneNumbersInText, type CountryCode } from 'libphonenumber-js/min';
import type { Circumstances } from '../entity.ts';
import { quantitiesIn } from './quantities.ts';
import { findings, type Finding, type Reading } from './reading.ts';

/** Chinese mobile and land-line numbers, checked more strictly than the library's small tables do. */
const CHINESE =
  /(?<![a-z\d.+#-])(?:\+?86[- ]?)?(?:(1[3-9]\d[- ]?\d{4}[- ]?\d{4})|(?:\((0\d{2,3})\) ?|(0\d{2,3})[- ]?)([2-8]\d{6,7})|(?<![-\d])([48]00[- ]?\d{3}[- ]?\d{4}))(?![a-z\d]|[-.]\d)/gu;
const SPOKEN_MOBILE = /^1[3-9]\d{9}$/;
/** What the library reads at once: it tries every digit as a beginning. */
const MOST_READ = 500;
const ZONES: Readonly<Record<string, CountryCode>> = {
  'Europe/London': 'GB',
  'Europe/Dublin': 'IE',
  'Europe/Berlin': 'DE',
  'Europe/Paris': 'FR',
  'Europe/Madrid': 'ES',
  'Europe/Rome': 'IT',
  'Asia/Shanghai': 'CN',
  'Asia/Hong_Kong': 'HK',
  'Asia/Taipei': 'TW',
  'Asia/Singapore': 'SG',
  'Asia/Tokyo': 'JP',
  'Asia/Kolkata': 'IN',
  'Australia/Sydney': 'AU',
  'America/Toronto': 'CA',
  'America/New_York': 'US',
  'America/Chicago': 'US',
  'America/Denver': 'US',
  'America/Los_Angeles': 'US',
};

/** Phone numbers in E.164. Numbers without a country code belong to the region of the locale, else to that of the time zone. */
export function phones(reading: Reading, circumstances: Circumstances): readonly Finding[] {
  const spoken = quantitiesIn(reading).flatMap(({ start, end, spelled = '', script }) =>
    script !== 'western' && SPOKEN_MOBILE.test(spelled) ? [{ start, end, normalised: `+86${spelled}` }] : [],
  );
  if (!/\d.{0,3}\d.{0,3}\d.{0,3}\d.{0,3}\d.{0,3}\d/.test(reading.plain)) return spoken;
  const country = countryOf(circumstances);
  // An eleven-digit mobile number or a hotline is Chinese wherever the customer may be asked to call it from.
  const chinese = findings(reading.plain, CHINESE, ([all, mobile, area, plainArea, local, hotline]) => {
    if (country !== 'CN' && mobile === undefined && !/^\+?86/.test(all)) return undefined;
    const digits = mobile ?? hotline ?? `${(area ?? plainArea ?? '').slice(1)}${local ?? ''}`;
    return `+86${digits.replace(/\D/g, '')}`;
  });
  const international = country !== 'CN' || reading.plain.includes('+') ? byLibrary(reading, country) : [];
  return [...spoken, ...chinese, ...international];
}

function byLibrary({ text }: Reading, country: CountryCode | undefined): readonly Finding[] {
  const first = text.search(/[+(\d]/);
  if (first < 0) return [];
  const options = country === undefined ? {} : { defaultCountry: country };
  return findPhoneNumbersInText(text.slice(first, first + MOST_READ), options).flatMap(
    ({ startsAt, endsAt, number }): readonly Finding[] => {
      const [start, end] = [first + startsAt, first + endsAt];
      const national = !/^\+/.test(text.slice(start, end));
      // Eight digits in a row, or an order number, are no foreign phone number.
      if (!number.isValid() || (national && /[\p{L}\d#-]$/u.test(text.slice(0, start)))) return [];
      return [{ start, end, normalised: number.number }];
    },
  );
}

const REGIONS = new Set(Object.values(ZONES));

function countryOf({ locale, timezone }: Circumstances): CountryCode | undefined {
  const region = /-([A-Z]{2})\b/.exec(locale)?.[1] as CountryCode | undefined;
  if (region && REGIONS.has(region)) return region;
  const zone = timezone !== undefined && Object.hasOwn(ZONES, timezone) ? ZONES[timezone] : undefined;
  return zone ?? (locale.startsWith('zh') ? 'CN' : undefined);
}
