import { expect, it } from "vitest";
import type { Connection, MeshMetrics, QueueStats } from "@/api/types";
import { connection } from "@/test/connections";
import { edge, node, stateOf } from "@/test/graph";
import { needsOf } from "./needs";

const idle: QueueStats = {
  canceled: 0,
  delayed: 0,
  failed: 0,
  max_running: null,
  oldest_waiting_seconds: null,
  running: 0,
  waiting: 0,
};
const state = stateOf([node("a", 2)], []);
const ended = (outcome: string) =>
  connection("crm", { status: "ready", last_run: { outcome } as Connection["last_run"] });

it("needs nobody when all is well", () => {
  expect(needsOf(state, [ended("success"), ended("no_change")], { tasks: idle })).toEqual([]);
});

it("names what is lost before what is doubtful", () => {
  const doubtful = {
    ...edge("s", "e", 1, 0.5),
    field_mappings: [{ source: "a", onto_field: "b", confidence: 0.5 }],
  };
  const bad = stateOf([], [doubtful]);
  bad.ledger.rejected = 2;
  const needs = needsOf(bad, [ended("unreachable"), connection("new")], { tasks: { ...idle, failed: 3 }, drifting: 1 });
  expect(needs.map((need) => [need.key, need.tone])).toEqual([
    ["sources", "bad"],
    ["tasks", "bad"],
    ["drifting", "warn"],
    ["rejected", "warn"],
    ["low", "warn"],
    ["never", "warn"],
  ]);
  expect(needs[1]?.label).toBe("3 tasks failed for good");
});

it("counts each kind of decision for itself, and a table that drifts by its decisions", () => {
  const reviews = { total: 239, kinds: { entity_pair: 236, drift: 2, of_tomorrow: 1 } };
  const needs = needsOf(state, [], { tasks: idle, reviews, drifting: 2, proposals: 1 });
  expect(needs.map((need) => [need.key, need.label, need.to])).toEqual([
    ["drift", "2 repairs to decide after a source changed", "/review"],
    ["entity_pair", "236 pairs that may be one thing", "/review"],
    ["of_tomorrow", "1 decision in the review queue", "/review"],
    ["proposals", "1 proposal of agents to decide", "/agents"],
  ]);
});

it("tells of a source that could not be read once, and of other alerts beside it", () => {
  const lost = ended("failed");
  const alert = (connection_id: string, kind: string) => ({ connection_id, kind, raised_at: "", message: "" });
  const alerts = [alert(lost.id, "circuit_open"), alert("other", "stale"), alert("other", "drift")];
  const mesh = { alerts } as unknown as MeshMetrics;
  expect(needsOf(state, [lost], { mesh }).map((need) => [need.key, need.label])).toEqual([
    ["sources", "1 source could not be read"],
    ["alerts", "1 alert of connections"],
  ]);
});

it("says nothing of tasks while nobody knows", () => {
  expect(needsOf(state, [], {})).toEqual([]);
});

it("leads to the one read that waits to be confirmed, and to the list where several wait", () => {
  const waiting = (name: string) => connection(name, { status: "awaits_confirmation" });
  const confirm = (...names: string[]) =>
    needsOf(state, names.map(waiting), {}).find((need) => need.key === "confirm")?.search;
  expect(confirm("crm")).toEqual({ connection: "c_crm" });
  expect(confirm("crm", "erp")).toBeUndefined();
});
