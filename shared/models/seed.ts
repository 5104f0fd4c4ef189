/** Any: the same bot has to come out the same in every process. */
export const SEED = 1;
