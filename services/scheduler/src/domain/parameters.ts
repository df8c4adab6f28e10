/**
 * All constants of the default policy, with unit, meaning and worth: how much more waits without it
 * (docs/scheduling.md has the measurements).
 */
export const PARAMETERS = {
  /** Power. Views an hour fall as (1 + age / scaleHours) ^ -steepness. 1.15 or 1.6: .5 % more. */
  steepness: 1.3,
  /** Hours; an unobserved clip has as many of first scrapes' velocity. 5 or 20: 1 % more. */
  scaleHours: 10,
  /**
   * Factor of the views that an unobserved clip is expected to have: a first scrape finds the few
   * large ones. Without: 4 % more in synthetic worlds, .2 to .9 % less on real series.
   */
  unobserved: 1.5,
  /**
   * Part of the velocity of first scrapes that a clip which stands still may gain, until
   * observations show how much it is. Never learned: 2 to 3 % more on real series.
   */
  floor: 0.01,
  /** Clip-hours that the guess above counts for beside observed ones. 2,000: .1 to .8 % more. */
  floorGuessHours: 500,
  /** Age in hours at which the floor is half. Without: .2 to .7 % more. */
  floorFadesAtHours: 200,
  /**
   * Factor of a score, less one, if a campaign's unrecorded amount is far above what remains.
   * Without: 1.4 to 6 % less waits, and three times as many views come past the end.
   */
  nearEnd: 12,
  /** Power of remaining / unrecorded in that factor. Its worth alone was not measured. */
  nearEndSteepness: 4,
  /** Probability that a held clip is paid, and one that nobody has reviewed: guesses. */
  chanceHeld: 0.5,
  chancePending: 0.5,
};
