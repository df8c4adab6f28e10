/** Exit statuses of the command line, for scripts. */
export const EXIT = {
  done: 0,
  /** The rules refuse it, or it does not exist; of a file, some rows were refused. */
  refused: 1,
  /** The command line or a file given to it cannot be used. */
  usage: 2,
  /** No token, a bad one, or one that may not do this. */
  access: 3,
  /** The API or a database cannot be reached, or fails: later it may work. */
  unavailable: 4,
} as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** What a person reads in one sentence; the process ends with `status`. */
export class CliFailure extends Error {
  override readonly name: string = 'CliFailure';
  readonly expected = true;
  constructor(
    readonly status: ExitStatus,
    message: string,
  ) {
    super(message);
  }
}

export const wrongUse = (message: string): CliFailure => new CliFailure(EXIT.usage, message);
