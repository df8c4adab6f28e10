/** How many histories each property is tried on; FAST_CHECK_RUNS asks for more than the default. */
export const runs = (): number => Number(process.env['FAST_CHECK_RUNS'] ?? 1000);
