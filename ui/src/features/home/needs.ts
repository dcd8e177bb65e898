// What waits for a person, from what is stored. Pure.
import type { Connection, GraphState, MeshMetrics, QueueStats } from "@/api/types";
import { text } from "@/text/home";

export type Need = { key: string; label: string; tone: "bad" | "warn"; to: string; search?: Record<string, string> };

/** What else is known; what nobody has told yet is left out. */
export type Told = { tasks?: QueueStats; mesh?: MeshMetrics; drifting?: number };

const LOW_CONFIDENCE = 0.7;

/** Lists what a person should look at, the worst first. What is fine is left out. */
export function needsOf(state: GraphState, connections: Connection[], told: Told): Need[] {
  const { tasks, mesh, drifting = 0 } = told;
  const alerts = mesh?.alerts.length ?? 0;
  const lost = connections.filter(({ last_run: run }) => run?.outcome === "failed" || run?.outcome === "unreachable");
  const neverRun = connections.filter((connection) => connection.status === "never_run");
  const low = state.edges.flatMap((edge) => edge.field_mappings).filter((field) => field.confidence < LOW_CONFIDENCE);
  const needs: (Need & { count: number })[] = [
    {
      key: "sources",
      count: lost.length,
      label: text.need.failedSources(lost.length),
      tone: "bad",
      to: "/connections",
    },
    {
      key: "tasks",
      count: tasks?.failed ?? 0,
      label: text.need.failedTasks(tasks?.failed ?? 0),
      tone: "bad",
      to: "/orchestration",
      search: { state: "failed" },
    },
    { key: "drift", count: drifting, label: text.need.drifted(drifting), tone: "warn", to: "/review" },
    { key: "alerts", count: alerts, label: text.need.alerts(alerts), tone: "warn", to: "/connections" },
    {
      key: "rejected",
      count: state.ledger.rejected,
      label: text.need.rejected(state.ledger.rejected),
      tone: "warn",
      to: "/rejections",
    },
    { key: "low", count: low.length, label: text.need.lowConfidence(low.length), tone: "warn", to: "/mappings" },
    {
      key: "never",
      count: neverRun.length,
      label: text.need.neverRun(neverRun.length),
      tone: "warn",
      to: "/connections",
    },
  ];
  return needs.filter((need) => need.count > 0).map(({ count: _, ...need }) => need);
}
