export type Data = Readonly<Record<string, unknown>>;

/** An event as it is in an export of the log. */
export interface LogEvent {
  id: string;
  type: string;
  position: number;
  time: string;
  causationId: string;
  data: Data;
}

/** `by` of what a settlement itself takes back. */
export const SETTLEMENT = 'cliptally:settlement';

/** Lines of money of an event that has any. */
export const linesOf = (event: LogEvent | undefined): readonly Data[] =>
  Array.isArray(event?.data['lines']) ? (event.data['lines'] as Data[]) : [];
