// How fresh what flows along a link is, by what the server says of when it was last read to its end and how often it should be. Pure.
import type { GraphEdge, GraphNode } from "@/api/types";

export type Freshness = "fresh" | "ageing" | "old" | "never";
export type Read = { at: string | null; freshness: Freshness };

/** What is not read for so many times as long as it should be is old. */
const OLD_AFTER = 7;

/** Says of each link how fresh it is; nothing of links that nothing is read for. */
export function freshnessOfEdges(edges: GraphEdge[], nowMs: number): Map<string, Read> {
  const reads = new Map<string, Read>();
  for (const edge of edges) {
    const read = freshnessOf(edge.read, nowMs);
    if (read) reads.set(edge.id, read);
  }
  return reads;
}

export function freshnessOf(read: GraphNode["read"], nowMs: number): Read | null {
  if (!read) return null;
  return { at: read.at, freshness: freshnessAt(read.at, read.stale_after_s * 1000, nowMs) };
}

function freshnessAt(at: string | null, limitMs: number, nowMs: number): Freshness {
  if (at === null) return "never";
  const ageMs = nowMs - Date.parse(at);
  if (ageMs <= limitMs) return "fresh";
  return ageMs <= OLD_AFTER * limitMs ? "ageing" : "old";
}
