/** How long a `Retry-After` header asks to wait, in milliseconds; undefined where it says nothing that is understood. */
export function parseRetryAfter(value: string | undefined, now: Date): number | undefined {
  const given = value?.trim() ?? '';
  if (/^\d{1,9}$/u.test(given)) return Number(given) * 1_000;
  // Dates of HTTP begin with the day's name; Date.parse alone takes nearly anything for a date.
  const at = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/u.test(given) ? Date.parse(given) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
