export type RefusalCode = 'busy' | 'forbidden' | 'not_found' | 'profile_sealed';

/**
 * What cannot be done for a reason that is no rule of the business: others were faster, or the
 * caller may not. Not a RuleBroken: who asks again may get another answer.
 */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    /** A fixed word for programs. */
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message);
  }
}
