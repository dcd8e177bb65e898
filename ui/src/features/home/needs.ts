// What waits for a person, from what is stored: one count for each thing, and nothing counted under two names. Pure.
import type { Connection, GraphState, MeshMetrics, QueueStats, RegisteredAgent, ReviewsWaiting } from "@/api/types";
import { text } from "@/text/home";

export type Need = { key: string; label: string; tone: "bad" | "warn"; to: string; search?: Record<string, string> };

/** What else is known; what nobody has told yet is left out. */
export type Told = {
  tasks?: QueueStats;
  mesh?: MeshMetrics;
  drifting?: number;
  reviews?: ReviewsWaiting;
  proposals?: number;
  agents?: RegisteredAgent[];
};

const LOW_CONFIDENCE = 0.7;
/** The kinds of decisions in the order in which they are listed; others come after them. */
const DECISIONS = ["drift", "mapping", "entity_pair", "question_gap"];
/** Alerts that are told of otherwise: by the decisions they wait for. */
const TOLD_OTHERWISE = new Set(["drift", "awaits_confirmation"]);

type Counted = Need & { count: number };

/** Lists what a person should look at, the worst first. What is fine is left out. */
export function needsOf(state: GraphState, connections: Connection[], told: Told): Need[] {
  const lost = connections.filter(({ last_run: run }) => run?.outcome === "failed" || run?.outcome === "unreachable");
  const needs = [
    ...broken(lost, told.tasks),
    ...decisions(connections, told),
    ...doubtful(state, connections, lost, told),
  ];
  return needs.filter((need) => need.count > 0).map(({ count: _, ...need }) => need);
}

function broken(lost: Connection[], tasks: QueueStats | undefined): Counted[] {
  const failed = tasks?.failed ?? 0;
  return [
    need("sources", lost.length, text.need.failedSources(lost.length), "/connections", { tone: "bad" }),
    need("tasks", failed, text.need.failedTasks(failed), "/orchestration", {
      tone: "bad",
      search: { state: "failed" },
    }),
  ];
}

function decisions(connections: Connection[], { reviews, drifting = 0, proposals = 0 }: Told): Counted[] {
  const waiting = Object.entries(reviews?.kinds ?? {}).sort(([a], [b]) => place(a) - place(b));
  const withStatus = (status: Connection["status"]) => connections.filter((one) => one.status === status);
  const [confirm, safe] = [withStatus("awaits_confirmation"), withStatus("safe_mode").length];
  // A single one is opened, because it is confirmed there.
  const [only] = confirm.length === 1 ? confirm : [];
  // A table that drifts is told of by its decisions where there are some.
  const driftOnly = reviews?.kinds.drift ? 0 : drifting;
  return [
    ...waiting.map(([kind, count]) => need(kind, count, text.need.decisions(kind, count), "/review")),
    need("drifting", driftOnly, text.need.drifted(driftOnly), "/review"),
    need("proposals", proposals, text.need.proposals(proposals), "/agents"),
    need("confirm", confirm.length, text.need.confirm(confirm.length), "/connections", {
      search: only && { connection: only.id },
    }),
    need("safe", safe, text.need.safeMode(safe), "/discovery"),
  ];
}

function doubtful(state: GraphState, connections: Connection[], lost: Connection[], told: Told): Counted[] {
  const known = new Set(lost.map(({ id }) => id));
  const others = told.mesh?.alerts.filter(({ kind, connection_id: id }) => !TOLD_OTHERWISE.has(kind) && !known.has(id));
  const alerts = others?.length ?? 0;
  const findings = (told.agents ?? []).reduce((sum, agent) => sum + (agent.open_findings ?? 0), 0);
  const { rejected } = state.ledger;
  const low = state.edges
    .flatMap((edge) => edge.field_mappings)
    .filter((one) => one.confidence < LOW_CONFIDENCE).length;
  const never = connections.filter(({ status }) => status === "never_run").length;
  return [
    need("alerts", alerts, text.need.alerts(alerts), "/connections"),
    need("rejected", rejected, text.need.rejected(rejected), "/rejections"),
    need("findings", findings, text.need.findings(findings), "/agents"),
    need("low", low, text.need.lowConfidence(low), "/mappings"),
    need("never", never, text.need.neverRun(never), "/connections"),
  ];
}

function need(key: string, count: number, label: string, to: string, more: Partial<Need> = {}): Counted {
  return { key, count, label, to, tone: "warn", ...more };
}

function place(kind: string): number {
  const known = DECISIONS.indexOf(kind);
  return known < 0 ? DECISIONS.length : known;
}
