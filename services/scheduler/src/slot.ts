const SLOT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{3})?)?Z$/;

/** The instant of a slot such as "2026-11-23T12:00Z" (UTC); null for all other text. */
export function slotOf(text: string): Date | null {
  const slot = new Date(SLOT.test(text) ? text : NaN);
  return !Number.isNaN(slot.getTime()) && slot.toISOString().startsWith(text.slice(0, 16))
    ? slot
    : null;
}

/** A CronJob ends a Job's name in the minutes since 1970 of its slot; all tries share the name. */
export const JOB_NAME = /-(\d{7,9})$/;

/** The slot of a Job whose name matches {@link JOB_NAME}. */
export const slotOfJob = (name: string): Date => new Date(Number(JOB_NAME.exec(name)![1]) * 60_000);

/** The slot after `slot` that a tracking run at `now` has to last until; a late run skips slots. */
export const nextRunOf = (slot: Date, now: Date, intervalMs: number): Date =>
  new Date(
    slot.getTime() +
      intervalMs * (1 + Math.max(0, Math.round((now.getTime() - slot.getTime()) / intervalMs))),
  );
