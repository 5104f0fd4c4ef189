import type { Result } from './run.ts';

/** Results in the JUnit form that continuous integration reads: a suite for each file. */
export function junitOf(results: readonly Result[]): string {
  const files = Map.groupBy(results, ({ test }) => test.place.file);
  const suites = [...files].map(([file, own]) => {
    const cases = own.map(caseOf).join('\n');
    return `  <testsuite name="${xml(file)}" ${counts(own)}>\n${cases}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts(results)}>\n${suites.join('\n')}\n</testsuites>\n`;
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

function counts(results: readonly Result[]): string {
  const failures = results.filter(({ passed, fault }) => !passed && fault === undefined).length;
  const errors = results.filter(({ fault }) => fault !== undefined).length;
  const time = seconds(results.reduce((sum, { ms }) => sum + ms, 0));
  return `tests="${results.length}" failures="${failures}" errors="${errors}" time="${time}"`;
}

function caseOf({ test, passed, rounds, fault, ms }: Result): string {
  const { file, line } = test.place;
  const head = `    <testcase name="${xml(test.name)}" classname="${xml(file)}" file="${xml(file)}" line="${line}" time="${seconds(ms)}"`;
  if (passed) return `${head}/>`;
  const wrong = rounds.flatMap(({ differences }) => differences);
  const [first] = wrong;
  const text = wrong
    .map((it) => `${it.place.file}:${it.place.line}\nexpected ${it.expected}\ncame ${it.came}`)
    .join('\n\n');
  const inside =
    fault === undefined
      ? `<failure message="expected ${xml(first?.expected ?? '')}">${xml(text)}</failure>`
      : `<error message="${xml(fault)}"/>`;
  return `${head}>\n      ${inside}\n    </testcase>`;
}

/** Text as it may stand in XML, which has no room for most control characters. */
const xml = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex -- exactly these are what is taken out
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
