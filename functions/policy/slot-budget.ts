/** As much as all slots of a session may take up in its state, as JSON. */
const SLOTS_KEPT = 1_200;

/** The slots that are forgotten because there is no room for all: those first that were filled first. */
export function tooMany(
  before: Readonly<Record<string, string>>,
  set: Readonly<Record<string, string>>,
  forgets: readonly string[],
): readonly string[] {
  const kept = Object.entries({ ...before, ...set }).filter(([slot]) => !forgets.includes(slot));
  const gone: string[] = [];
  let size = JSON.stringify(Object.fromEntries(kept)).length;
  for (const [slot, value] of kept) {
    if (size <= SLOTS_KEPT) return gone;
    // What was just said is what the conversation is about.
    if (Object.hasOwn(set, slot)) continue;
    gone.push(slot);
    size -= JSON.stringify({ [slot]: value }).length - 1;
  }
  return gone;
}
