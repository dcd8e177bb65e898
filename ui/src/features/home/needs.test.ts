import { expect, it } from "vitest";
import type { Connection, QueueStats } from "@/api/types";
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
    ["drift", "warn"],
    ["rejected", "warn"],
    ["low", "warn"],
    ["never", "warn"],
  ]);
  expect(needs[1]?.label).toBe("3 tasks failed for good");
});

it("says nothing of tasks while nobody knows", () => {
  expect(needsOf(state, [], {})).toEqual([]);
});
