// How fresh what flows along a link is: when its table was last read to its end, against how often its connection should be read. Pure.
import type { Connection, GraphEdge } from "@/api/types";

export type Freshness = "fresh" | "ageing" | "old" | "never";
export type Read = { at: string | null; freshness: Freshness };

const DAY_S = 86_400;
/** What is not read for so many times as long as it should be is old. */
const OLD_AFTER = 7;
const WORST_FIRST: Freshness[] = ["never", "old", "ageing", "fresh"];

/** Names a table's node as the backend does. */
export const tableId = (source: string, table: string) => `src_${source}_${table}`;

/** Says of each table, by its node, when it was read and how fresh that is. A connection without a limit of its own is to be read daily. */
export function freshnessOfTables(connections: Connection[], nowMs: number): Map<string, Read> {
  const reads = new Map<string, Read>();
  for (const connection of connections) {
    const limitMs = (connection.stale_after_s ?? DAY_S) * 1000;
    for (const stream of connection.streams) {
      const at = stream.completed_at ?? null;
      reads.set(tableId(connection.name, stream.name), { at, freshness: freshnessAt(at, limitMs, nowMs) });
    }
  }
  return reads;
}

function freshnessAt(at: string | null, limitMs: number, nowMs: number): Freshness {
  if (at === null) return "never";
  const ageMs = nowMs - Date.parse(at);
  if (ageMs <= limitMs) return "fresh";
  return ageMs <= OLD_AFTER * limitMs ? "ageing" : "old";
}

/** Says of each link how fresh it is. What an agent takes from an entity is as fresh as the oldest table behind the entity. */
export function freshnessOfEdges(edges: GraphEdge[], tables: Map<string, Read>): Map<string, Read> {
  const table = (node: string) => tables.get(node.split("#")[0] ?? node);
  const entities = new Map<string, Read>();
  const reads = new Map<string, Read>();
  for (const edge of edges) {
    const read = edge.type === "hierarchy" ? table(edge.target) : table(edge.source);
    if (!read) continue;
    reads.set(edge.id, read);
    if (edge.type === "mapping") entities.set(edge.target, worse(entities.get(edge.target), read));
  }
  for (const edge of edges) {
    const read = edge.type === "consumption" ? entities.get(edge.source) : undefined;
    if (read) reads.set(edge.id, read);
  }
  return reads;
}

function worse(known: Read | undefined, other: Read): Read {
  if (!known) return other;
  const order = WORST_FIRST.indexOf(known.freshness) - WORST_FIRST.indexOf(other.freshness);
  if (order !== 0) return order < 0 ? known : other;
  return (known.at ?? "") <= (other.at ?? "") ? known : other;
}
