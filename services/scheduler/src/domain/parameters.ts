/**
 * All constants of the default policy. What each is worth is measured in docs/scheduling.md, on
 * series and worlds that it was not chosen by.
 */
export interface PolicyParameters {
  /** Views an hour fall as (1 + age / scaleHours) ^ -steepness. */
  steepness: number;
  /** Hours; also how many hours of the velocity of first scrapes an unobserved clip begins with. */
  scaleHours: number;
  /**
   * Factor of the views that an unobserved clip is expected to have: most are few, but a first
   * scrape is how the few large ones are found.
   */
  unobserved: number;
  /**
   * Views an hour that a clip which stands still may gain, as a part of the velocity of first
   * scrapes, until observations have shown how much it is.
   */
  floor: number;
  /** Clip-hours without growth that the guess above counts for beside observed ones. */
  floorGuessHours: number;
  /** Age in hours at which the floor is half. */
  floorFadesAtHours: number;
  /** Hours since the last observation at which the floor counts half. */
  floorRisesHours: number;
  /** Factor of a score, less one, if a campaign's unrecorded amount is far above what remains. */
  nearEnd: number;
  /** Exponent of remaining / unrecorded in that factor. */
  nearEndSteepness: number;
  /** Probability that a clip is paid which is held, and one that nobody has reviewed. */
  chanceHeld: number;
  chancePending: number;
}

export const PARAMETERS: PolicyParameters = {
  steepness: 1.3,
  scaleHours: 10,
  unobserved: 1.5,
  floor: 0.015,
  floorGuessHours: 500,
  floorFadesAtHours: 200,
  floorRisesHours: 10,
  nearEnd: 12,
  nearEndSteepness: 4,
  chanceHeld: 0.5,
  chancePending: 0.5,
};
