// What a tile says: its number, of what part it is where there are several currencies, and the page that shows what it counts. Pure.
import type { PersonaTile } from "@/api/types";
import { formatCompact, formatValue } from "@/lib/format";
import { text } from "@/text/control";

const SHORT_FROM = 10_000;
/** A space at which no line ends. */
const TOGETHER = "\u00a0";

export type TileParts = { value: string | null; part: string | null; others: string[] };

/** Puts the values of a tile in words. Sums of several currencies are never made, so each part is named; a large one is shown short and told exactly. */
export function partsOf({ money, values }: Pick<PersonaTile, "money" | "values">): TileParts {
  const [first, ...others] = values;
  if (!first) return { value: null, part: null, others: [] };
  const worded = ({ value, currency }: (typeof values)[number]) =>
    [shortly(value), currency ?? (money ? text.noCurrency : null)].filter(Boolean).join(currency ? TOGETHER : " ");
  const exact = formatValue(first.value, "decimal");
  const short = shortly(first.value);
  const named = first.currency ? text.partOf(first.currency) : text.partWithout;
  const notes = [
    money && (others.length > 0 || !first.currency) ? named : null,
    short === exact ? null : text.exactly(exact),
  ].filter((note) => note !== null);
  return {
    value: [short, first.currency].filter(Boolean).join(" "),
    part: notes.length > 0 ? notes.join(", ") : null,
    others: others.map(worded),
  };
}

/** A large number has no room as long as it is. */
function shortly(value: unknown): string {
  const number = Number(value);
  return Number.isFinite(number) && Math.abs(number) >= SHORT_FROM
    ? formatCompact(number)
    : formatValue(value, "decimal");
}

/** The pages that show what the platform itself counts. */
const PAGES: Record<string, string | undefined> = {
  connections: "/connections",
  connections_healthy: "/connections",
  connections_failing: "/connections",
  records_read_24h: "/ledger",
  mapping_confidence: "/mappings",
  drift_open: "/review",
  reviews_waiting: "/review",
  tasks_running: "/orchestration",
  tasks_failed: "/orchestration",
  agents_active: "/agents",
  proposals_waiting: "/agents",
};
const FINDINGS = "findings.";

export function pageOf(fact: string | null | undefined): string | undefined {
  if (!fact) return undefined;
  return isFinding(fact) ? "/agents" : PAGES[fact];
}

/** Tells whether a number is of what pilots find, which nobody knows before one has looked. */
export const isFinding = (fact: string | null | undefined): boolean => fact?.startsWith(FINDINGS) ?? false;
