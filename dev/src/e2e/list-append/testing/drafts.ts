import type { Note, Operation, Place, Seen } from '../history.js';

export type Draft = Note extends infer N ? (N extends Note ? Omit<N, 'time'> : never) : never;
export const noted = (drafts: readonly Draft[]): Note[] =>
  drafts.map((draft, time) => ({ ...draft, time }));
export const invoke = (client: string, operation: Operation): Draft => ({
  client,
  type: 'invoke',
  operation,
});
export const ok = (client: string, given: { places?: Place[]; seen?: Seen[] } = {}): Draft => ({
  client,
  type: 'ok',
  ...given,
});
export const end = (client: string, type: 'fail' | 'info'): Draft => ({ client, type });
