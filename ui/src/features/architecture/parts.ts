// The parts of the running system, how each is, and its numbers, from what the server says. Pure.

import type { components } from "@/api/schema";
import type { LiveStatus } from "@/api/socket";
import type { Connection, GraphState, QueueStats } from "@/api/types";
import { formatCompact, formatConfidence, formatCount } from "@/lib/format";
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
  live: LiveStatus;
};

/** Says how a part is, as far as the server tells of it: parts of the program itself work when it answers. */
export function statusOf(part: PartName, { ready, live }: Known): PartStatus {
  if (!ready) return "unknown";
  if (part === "agents") return live === "live" ? "ok" : "degraded";
  if (part === "database" || part === "broker" || part === "worker") return ready.parts[part]?.status ?? "unknown";
  return part === "api" ? "ok" : "unknown";
}

export function reasonOf(part: PartName, { ready }: Known): { reason: string; since: string | null } | null {
  const told = ready?.parts[part];
  return told?.reason ? { reason: told.reason, since: told.since ?? null } : null;
}

type Fact = [label: string, value: string];

export function factsOf(part: PartName, known: Known): Fact[] {
  const { facts } = text;
  const { state, connections, tasks, answeredMs } = known;
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
        [facts.read, state && formatCompact(state.ledger.read)],
        [facts.balanced, state && (state.ledger.balanced ? facts.isBalanced : facts.notBalanced)],
        [facts.confidence, state?.confidence == null ? null : formatConfidence(state.confidence)],
      );
      break;
    case "engine":
      list.push(
        [facts.entities, state && formatCount(entities.length)],
        [facts.records, state && formatCompact(entities.reduce((sum, entity) => sum + (entity.records ?? 0), 0))],
      );
      break;
    case "worker":
      list.push(
        [facts.running, tasks && formatCount(tasks.running)],
        [facts.waiting, tasks && formatCount(tasks.waiting + tasks.delayed)],
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
