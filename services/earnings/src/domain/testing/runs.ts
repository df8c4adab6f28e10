/**
 * How many histories each property is tried on, so that a run tries more than 10,000 in all;
 * FAST_CHECK_RUNS asks for another number.
 */
export const runs = (): number => Number(process.env['FAST_CHECK_RUNS'] ?? 1500);
