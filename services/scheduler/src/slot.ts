const SLOT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{3})?)?Z$/;

/** The instant that a slot is named by, in UTC: "2026-11-23T12:00Z"; null for all other words, also for days that no month has. */
export function slotOf(text: string): Date | null {
  const slot = new Date(SLOT.test(text) ? text : NaN);
  return !Number.isNaN(slot.getTime()) && slot.toISOString().startsWith(text.slice(0, 16)) ? slot : null;
}

/** How a CronJob names its Jobs: by the minutes since 1970 of the minute that a Job was due. A Job's tries share the name, and so the slot. */
export const JOB_NAME = /-(\d{7,9})$/;

/** The slot of a Job by its name, which matches {@link JOB_NAME}. */
export const slotOfJob = (name: string): Date => new Date(Number(JOB_NAME.exec(name)![1]) * 60_000);

/** When the run after that of `slot` is due. A run that comes late is followed by that of a later slot, and has to last until then. */
export const nextRunOf = (slot: Date, now: Date, intervalMs: number): Date =>
  new Date(slot.getTime() + intervalMs * (1 + Math.max(0, Math.round((now.getTime() - slot.getTime()) / intervalMs))));
