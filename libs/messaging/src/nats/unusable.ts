/** A fault of configuration or environment that a person can mend; shown as one sentence. */
export class NatsUnusable extends Error {
  override readonly name = 'NatsUnusable';
  readonly expected = true;
}
