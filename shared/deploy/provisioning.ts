/**
 * The command that makes streams and durable consumers, as the job `provision` runs it. Overlays exchange its values by
 * their place, so the order stands here once.
 */
export const PROVISION = ['provision', '--replicas', '3', '--hosting', 'hop-by-hop'] as const;

/** The place of an option's value among the arguments of the job's container, its bundle being the first. */
export const placeOf = (option: '--replicas' | '--hosting'): number => PROVISION.indexOf(option) + 2;
