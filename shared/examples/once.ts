/** Does a thing once for each key, and answers with the same for ever; the least that an idempotent service needs. */
export interface OncePerKey {
  <T extends object>(key: string | undefined, work: () => T): T;
}

const REMEMBERED = 10_000;

/** Remembers what was answered to the newest keys; without a key everything is done as often as it is asked. */
export function oncePerKey(): OncePerKey {
  const answers = new Map<string, object>();
  return <T extends object>(key: string | undefined, work: () => T): T => {
    if (key === undefined) return work();
    const known = answers.get(key);
    if (known) return known as T;
    const answer = work();
    answers.set(key, answer);
    if (answers.size > REMEMBERED) answers.delete([...answers.keys()][0] ?? '');
    return answer;
  };
}
