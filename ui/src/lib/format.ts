// Text for numbers, times and values. Pure; knows nothing of pages.

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export const formatCount = (value: number) => whole.format(value);
export const formatCompact = (value: number) => compact.format(value);

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Shows a confidence with two digits and never rounds an uncertain one up to 1.00. */
export function formatConfidence(confidence: number): string {
  if (confidence < 1 && confidence >= 0.995) return "0.99";
  return confidence.toFixed(2);
}

export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(Math.round(ms / 100) / 10).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`;
}

/** Shows a running clock as minutes, seconds and tenths. */
export function formatStopwatch(ms: number): string {
  const tenths = Math.round(ms / 100);
  const minutes = Math.floor(tenths / 600);
  const seconds = Math.floor((tenths % 600) / 10);
  return `${String(minutes).padStart(2, "0")}:${String(seconds).padStart(2, "0")}.${tenths % 10}`;
}

export function formatMoment(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : moment.format(date);
}

export function formatClock(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : clock.format(date);
}

const SECONDS_OF: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });

/** Tells how long ago something was, or how long it is until then. */
export function formatAgo(iso: string, nowMs: number): string {
  const seconds = (Date.parse(iso) - nowMs) / 1000;
  if (Number.isNaN(seconds)) return iso;
  for (const [unit, size] of SECONDS_OF) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return seconds < 0 ? "just now" : "in a moment";
}

/** Shows a share of one as percent, and never rounds what is not whole up to 100 %. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${share < 1 && percent > 99.9 ? "99.9" : String(Math.round(percent * 10) / 10)} %`;
}

const NUMERIC_TYPES = new Set(["integer", "decimal", "bigint", "double", "float", "hugeint"]);

export function isNumericType(type: string): boolean {
  const base = type.toLowerCase().split("(")[0] ?? "";
  return NUMERIC_TYPES.has(base);
}

/**
 * Shows a stored value in its ontology type. Decimals stay text from end to end, because a float would change them;
 * only the thousands are grouped.
 */
export function formatValue(value: unknown, type = "string"): string {
  if (value === null || value === undefined) return "";
  if (isNumericType(type)) return groupThousands(String(value));
  if (type.startsWith("datetime") || type.startsWith("timestamp")) return formatMoment(String(value));
  if (type === "date") return formatDay(String(value));
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "object") return describeObject(value);
  return String(value);
}

export function groupThousands(digits: string): string {
  const match = /^(-?)(\d+)(\.\d+)?$/.exec(digits);
  if (!match) return digits;
  return `${match[1]}${(match[2] ?? "").replace(/\B(?=(\d{3})+$)/g, ",")}${match[3] ?? ""}`;
}

/** From here on nobody reads the fraction of an amount. */
const WHOLE_FROM = 100;

/** Shows an amount of money for reading: large ones without fractions, small ones with two digits. What is exact stands where one looks closely. */
export function formatMoney(amount: string, currency: string): string {
  const value = Number(amount);
  if (!Number.isFinite(value)) return `${amount} ${currency}`;
  const rounded = Math.abs(value) >= WHOLE_FROM || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(2);
  return `${groupThousands(rounded)} ${currency}`;
}

const MICROS_PER_DOLLAR = 1_000_000;

/** Shows millionths of a US dollar; what is less than a cent is not shown as nothing. */
export function formatDollars(micros: number): string {
  if (micros === 0) return "$0";
  if (micros < MICROS_PER_DOLLAR / 100) return "less than $0.01";
  return `$${groupThousands((micros / MICROS_PER_DOLLAR).toFixed(2))}`;
}

function formatDay(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : day.format(date);
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return value.map((item) => formatValue(item)).join(", ");
  return Object.entries(value)
    .map(([key, item]) => `${key}: ${formatValue(item)}`)
    .join(" · ");
}

/** Turns snake_case into words, for labels that the backend gives only as identifiers. */
export function words(identifier: string): string {
  const text = identifier.replaceAll("_", " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
