import { isText, UNKEEPABLE } from '@cliptally/contracts';

/**
 * conflict: the thing is in another state (409); rule: the business forbids it (422); malformed: it
 * makes no sense (400).
 */
export type RuleKind = 'conflict' | 'rule' | 'malformed';

export interface Fault {
  field: string;
  message: string;
}

/**
 * A command that the rules refuse. The message is for people: it names the thing and the way out.
 */
export class RuleBroken extends Error {
  override readonly name = 'RuleBroken';
  /** The faulty field, if there is exactly one. */
  readonly field: string | undefined;

  constructor(
    readonly kind: RuleKind,
    /** A fixed word for programs, for example `clip_already_submitted`. */
    readonly code: string,
    message: string,
    readonly faults: readonly Fault[] = [],
  ) {
    super(message);
    this.field = faults.length === 1 ? faults[0]!.field : undefined;
  }
}

export const conflict = (code: string, message: string): RuleBroken =>
  new RuleBroken('conflict', code, message);
export const rule = (code: string, field: string, message: string): RuleBroken =>
  new RuleBroken('rule', code, message, [{ field, message }]);
export const malformed = (field: string, message: string): RuleBroken =>
  new RuleBroken('malformed', 'malformed', message, [{ field, message }]);

/** Throws unless `value` is a whole number of minor units from 1 up. */
export function requireAmount(value: number, field: string): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw malformed(
      field,
      `${field} must be a whole number of minor units (cents, for USD) from 1 up, but it is ${value}.`,
    );
  }
}

const LONGEST_TEXT = 500;

/** Throws unless `value` says something, or may be empty, within 500 characters. */
export function requireText(value: string, field: string, { empty = false } = {}): void {
  if ((!empty && value.trim() === '') || value.length > LONGEST_TEXT)
    throw malformed(
      field,
      `${field} must have ${empty ? 'at most' : '1 to'} ${LONGEST_TEXT} characters.`,
    );
  if (!isText(value)) throw malformed(field, `${field} ${UNKEEPABLE}.`);
}
