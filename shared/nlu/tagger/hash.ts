/** Spreads a hash over all 32 bits (the finaliser of MurmurHash3). */
export function mixed(hash: number): number {
  let mixing = hash ^ (hash >>> 16);
  mixing = Math.imul(mixing, 0x85ebca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2ae35);
  return mixing ^ (mixing >>> 16);
}

/** The hash of one thing after another; the order counts. */
export function followed(first: number, second: number): number {
  return mixed(Math.imul(first, 0x9e3779b1) ^ second);
}
