import { history } from './history.js';

export const NOON = '2026-03-15T12:20:00Z';
export const PAST = history({
  until: new Date('2026-03-15T12:15:00Z'),
  hours: 40,
  clips: 30,
  failing: 0.07,
});
