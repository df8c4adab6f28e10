/**
 * Something about the machine stands in the way; the message is a sentence for a person and names
 * the way out.
 */
export class MachineError extends Error {
  override readonly name = 'MachineError';
  readonly expected = true;
}
