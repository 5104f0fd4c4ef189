import type { TenantId } from '../events/envelope.ts';
import { PlatformError } from '../shared/errors/index.ts';
import { sweep, type Swept } from '../shared/log/sweep.ts';
import { isDecision } from '../shared/verify/decisions.ts';
import { RULES, type Finding } from '../shared/verify/finding.ts';
import { checkSession } from '../shared/verify/invariants.ts';
import { withLog, type Operator } from './connection.ts';
import type { GivenPlaces } from './config.ts';
import { progressBar } from './progress.ts';
import { number, paint, print, printJson } from './terminal.ts';

const SHOWN = 50;

export interface VerifyOptions extends GivenPlaces {
  readonly tenant?: TenantId;
  /** Seconds within which a turn may still be under way. */
  readonly grace: number;
  readonly json?: boolean;
}

export interface Verification {
  readonly sessions: number;
  readonly events: number;
  readonly decisions: number;
  /** Sessions whose keys were destroyed: nothing of them can be read or checked. */
  readonly erased: number;
  readonly violated: number;
  readonly unchecked: number;
  readonly findings: readonly Finding[];
}

/** Checks the whole log, or one tenant's part, prints what it finds, and returns the exit code. */
export async function verifyLog(options: VerifyOptions): Promise<number> {
  const started = performance.now();
  const bar = progressBar('sessions');
  const result = await withLog(options, (operator) => verification(operator, options, bar.show)).finally(bar.done);
  const seconds = Math.round(performance.now() - started) / 1_000;
  if (options.json) printJson({ ...result, seconds });
  else report(result, seconds);
  return result.violated > 0 ? 1 : 0;
}

/** Folds and checks every session of the log. What looks wrong is read once more, in case it was just changing. */
export async function verification(
  { nc, cipher }: Pick<Operator, 'nc' | 'cipher'>,
  { tenant, grace }: Pick<VerifyOptions, 'tenant' | 'grace'>,
  onProgress: (part: number, sessions: number) => void = () => undefined,
): Promise<Verification> {
  const openSince = new Date(Date.now() - grace * 1_000);
  let [sessions, events, decisions, erased, part] = [0, 0, 0, 0, 0];
  const findings: Finding[] = [];
  const opened = cipher ? { cipher } : {};
  const scope = { ...opened, ...(tenant && { tenant }) };
  for await (const swept of sweep(nc, {
    ...scope,
    onProgress: (done) => {
      part = done;
      onProgress(part, sessions);
    },
  })) {
    if (!cipher && isSealed(swept)) {
      throw new PlatformError('log.encrypted', 'the events of this log are encrypted', { retry: 'never' });
    }
    sessions += 1;
    events += swept.events.length;
    decisions += swept.events.filter(isDecision).length;
    if (swept.erased) erased += 1;
    else if (check(swept, openSince).length > 0) {
      for await (const again of sweep(nc, { ...opened, ...swept.ref })) {
        if (!again.erased) findings.push(...check(again, openSince));
      }
    }
    onProgress(part, sessions);
  }
  const violated = findings.filter((f) => f.severity === 'violated').length;
  return { sessions, events, decisions, erased, violated, unchecked: findings.length - violated, findings };
}

/** Without keys, encrypted events look like damaged ones. */
const isSealed = ({ events, damaged }: Swept): boolean =>
  events.length === 0 && damaged.length > 0 && damaged.every(({ why }) => why.includes('not JSON'));

function check({ ref, events, damaged }: Swept, openSince: Date): readonly Finding[] {
  const unreadable = damaged.map(({ position, why }): Finding => {
    return { ...ref, rule: 'readable', severity: 'violated', position, message: why };
  });
  return [...unreadable, ...checkSession(events, { openSince })].sort((a, b) => a.position - b.position);
}

function report(result: Verification, seconds: number): void {
  for (const finding of result.findings.slice(0, SHOWN)) {
    const { rule, severity, tenant, session, position, message } = finding;
    const mark = severity === 'violated' ? paint('red', '✗') : paint('yellow', '?');
    print(`${mark} session ${paint('bold', session)} (${tenant}) position ${position}: ${message}`);
    print(paint('dim', `  ${rule}: ${RULES[rule]}`));
  }
  const hidden = result.findings.length - SHOWN;
  if (hidden > 0) print(paint('dim', `… and ${number(hidden)} more; --json prints them all`));
  const { sessions, events, decisions, erased, violated, unchecked } = result;
  const read = `${number(sessions)} sessions, ${number(events)} events, ${number(decisions)} decisions in ${seconds} s`;
  const besides = [
    ...(unchecked > 0 ? [`${number(unchecked)} could not be checked`] : []),
    ...(erased > 0 ? [`${number(erased)} sessions erased`] : []),
  ].map((text) => `, ${text}`);
  const verdict = violated > 0 ? paint('red', `${number(violated)} found wrong`) : paint('green', 'nothing wrong');
  print(`${read}: ${verdict}${besides.join('')}.`);
}
