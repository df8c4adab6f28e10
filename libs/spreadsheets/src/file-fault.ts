/**
 * Why a whole file cannot be read. The message goes on after the file's name: "is empty: ...".
 */
export class FileFault extends Error {
  override readonly name = 'FileFault';
  constructor(
    message: string,
    /** The line that shows it, if there is one. */
    readonly line: number | null = null,
  ) {
    super(message);
  }
}
