// A connection's settings as they may be shown: of a secret only that it is set, or the reference to where it is kept.
import { formatMoment, formatValue } from "@/lib/format";
import { text } from "@/text/connections";

export function shownSetting(value: unknown): string {
  if (value !== null && typeof value === "object" && "set" in value) {
    const { set, changed_at } = value as { set: unknown; changed_at?: unknown };
    if (set === true) return text.secret.set(typeof changed_at === "string" ? formatMoment(changed_at) : "–");
    return text.secret.unset;
  }
  return formatValue(value);
}
