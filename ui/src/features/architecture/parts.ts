// The parts of the running system, how each is, and its numbers, from what the server says. Pure.

import type { components } from "@/api/schema";
import type { LiveStatus } from "@/api/socket";
import type { Connection, GraphState, MeshMetrics, QueueStats } from "@/api/types";
import { formatCompact, formatConfidence, formatCount, formatDuration, formatShare } from "@/lib/format";
import { mappedColumns } from "@/lib/mappedColumns";
import { text } from "@/text/architecture";

export type Readiness = components["schemas"]["Report"];
export type PartName = keyof typeof text.parts;
export type PartStatus = keyof typeof text.status;

/** The rows of the drawing: what an event passes from left to right, and what carries it below. */
export const UPPER: PartName[] = ["sources", "mesh", "engine", "api", "agents"];
export const LOWER: PartName[] = ["lake", "database", "broker", "worker"];

export type Known = {
  /** None when the server did not answer. */
  ready: Readiness | undefined;
  answeredMs: number | null;
  state: GraphState | undefined;
  connections: Connection[] | undefined;
  tasks: QueueStats | undefined;
  mesh: MeshMetrics | undefined;
  live: LiveStatus;
};

/** Says how a part is, as far as the server tells of it: parts of the program itself work when it answers. */
export function statusOf(part: PartName, { ready, live, mesh }: Known): PartStatus {
  if (!ready) return "unknown";
  const told = part === "broker" ? ready.broker : ready.parts[part];
  if (told) return told.status;
  if (part === "agents") return live === "live" ? "ok" : "degraded";
  if (part === "mesh") return meshStatus(mesh);
  return part === "api" ? "ok" : "unknown";
}

/** The mesh is as its connections are; of those that nobody has looked at yet, nothing is said. */
function meshStatus(mesh: MeshMetrics | undefined): PartStatus {
  if (!mesh || mesh.healthy + mesh.degraded + mesh.failing === 0) return "unknown";
  if (mesh.failing > 0 && mesh.healthy === 0) return "unavailable";
  return mesh.failing + mesh.degraded > 0 ? "degraded" : "ok";
}

export function reasonOf(part: PartName, { ready, mesh }: Known): { reason: string; since: string | null } | null {
  if (part === "mesh" && mesh && mesh.failing + mesh.degraded > 0) {
    return { reason: text.meshReason(mesh.failing, mesh.degraded), since: null };
  }
  const told = part === "broker" ? ready?.broker : ready?.parts[part];
  return told?.reason ? { reason: told.reason, since: told.since ?? null } : null;
}

type Fact = [label: string, value: string];

export function factsOf(part: PartName, known: Known): Fact[] {
  const { facts } = text;
  const { state, connections, tasks, mesh, answeredMs } = known;
  const entities = state?.nodes.filter((node) => node.type === "ontology" && (node.records ?? 0) > 0) ?? [];
  const list: [string, string | null | undefined][] = [];
  switch (part) {
    case "sources":
      list.push(
        [facts.connections, connections && formatCount(connections.length)],
        [facts.streams, connections && formatCount(connections.reduce((sum, one) => sum + one.streams.length, 0))],
      );
      break;
    case "mesh":
      list.push(
        [facts.healthy, mesh && text.ofAll(mesh.healthy, mesh.connections)],
        [facts.runs, mesh && formatCount(mesh.runs_24h)],
        [facts.readToday, mesh?.records_read_24h == null ? null : formatCompact(mesh.records_read_24h)],
        [facts.success, mesh?.success_rate == null ? null : formatShare(mesh.success_rate)],
        [facts.latency, mesh?.latency && formatDuration(mesh.latency.median_ms)],
      );
      break;
    case "lake":
      list.push(
        [facts.read, state && formatCompact(state.ledger.read)],
        [facts.landed, state && formatCompact(state.ledger.landed)],
        [facts.balanced, state && (state.ledger.balanced ? facts.isBalanced : facts.notBalanced)],
      );
      break;
    case "database":
      list.push([facts.mapped, state && formatCount(mappedColumns(state))]);
      break;
    case "broker":
      list.push([facts.live, text.liveStates[known.live]]);
      break;
    case "engine":
      list.push(
        [facts.confidence, state?.confidence == null ? null : formatConfidence(state.confidence)],
        [facts.entities, state && formatCount(entities.length)],
        [facts.records, state && formatCompact(entities.reduce((sum, entity) => sum + (entity.records ?? 0), 0))],
      );
      break;
    case "worker":
      list.push(
        [facts.running, tasks && formatCount(tasks.running)],
        [facts.waiting, tasks && formatCount(tasks.waiting + tasks.delayed)],
        [
          facts.oldest,
          tasks?.oldest_waiting_seconds == null ? null : formatDuration(tasks.oldest_waiting_seconds * 1000),
        ],
        [facts.failed, tasks && formatCount(tasks.failed)],
      );
      break;
    case "api":
      list.push([facts.answered, answeredMs === null ? null : `${Math.round(answeredMs)} ms`]);
      break;
    case "agents":
      list.push(
        [facts.live, text.liveStates[known.live]],
        [facts.agents, state && formatCount(state.nodes.filter((node) => node.type === "agent").length)],
      );
      break;
    default:
      break;
  }
  return list.filter((fact): fact is Fact => typeof fact[1] === "string");
}
