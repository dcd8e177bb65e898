// What colours a link: how sure its mapping is, or how fresh what flows along it is. Pure.
import type { GraphEdge } from "@/api/types";
import { confidenceBand } from "@/ui/Confidence";
import type { Freshness, Read } from "./freshness";

export type ColorBy = "confidence" | "freshness";

export const FRESHNESS_COLORS: Record<Freshness, string> = {
  fresh: "var(--good)",
  ageing: "var(--warn)",
  old: "var(--bad)",
  never: "var(--faint)",
};

/** The older what flows is, the more the line is broken: who tells no colours apart reads it all the same. In units of the drawing. */
export const FRESHNESS_DASHES: Record<Freshness, string | undefined> = {
  fresh: undefined,
  ageing: "18 5",
  old: "8 6",
  never: "2 6",
};

export function dashOf(edge: GraphEdge, reads: Map<string, Read> | null): string | undefined {
  return reads ? FRESHNESS_DASHES[reads.get(edge.id)?.freshness ?? "never"] : undefined;
}

/** High confidence runs from colour to colour; doubt takes the colour of doubt. */
export function strokeOf(edge: GraphEdge, gradients: string, reads: Map<string, Read> | null): string {
  if (reads) return FRESHNESS_COLORS[reads.get(edge.id)?.freshness ?? "never"];
  if (edge.type === "hierarchy") return "var(--source)";
  if (edge.type === "consumption") return `url(#${gradients}-use)`;
  const band = edge.confidence == null ? "high" : confidenceBand(edge.confidence);
  if (band === "high") return `url(#${gradients}-map)`;
  return band === "medium" ? "var(--warn)" : "var(--bad)";
}

export function restingOpacity(edge: GraphEdge): number {
  if (edge.type === "hierarchy") return 0.2;
  if (edge.type === "consumption" || edge.confidence == null) return 0.32;
  return 0.18 + 0.3 * Math.min(1, Math.max(0, edge.confidence));
}
