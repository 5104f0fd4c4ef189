/**
 * Calls `arrive` at a constant rate, whatever becomes of what has arrived: nobody out there waits for a slow server
 * before becoming a customer. Gets the moment at which each was to arrive, which is where its latency counts from.
 */
export function arrivals(
  { perSecond, count }: { readonly perSecond: number; readonly count: number },
  arrive: (index: number, intended: number) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const began = performance.now();
    let next = 0;
    const tick = () => {
      const due = Math.min(count, Math.floor(((performance.now() - began) / 1_000) * perSecond) + 1);
      while (next < due) {
        arrive(next, began + (next / perSecond) * 1_000);
        next++;
      }
      if (next < count) setTimeout(tick, 1);
      else resolve();
    };
    tick();
  });
}
