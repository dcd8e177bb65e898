// Moments between the browser's own field, which knows the person's clock, and the address, which is the same for everybody. Pure.

const MINUTE_MS = 60_000;

/** Writes a moment as the field for date and time takes it. */
export function localMinute(moment: Date): string {
  if (Number.isNaN(moment.getTime())) return "";
  return new Date(moment.getTime() - moment.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

/** Reads what the field holds; nothing while it is not filled. */
export function momentOf(local: string): string | undefined {
  const moment = new Date(local);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}
