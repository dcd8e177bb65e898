import { expect, it } from "vitest";
import type { ConnectionEvent, Run } from "@/api/types";
import { logOf } from "./log";

const event = (id: string, at: string, kind = "paused"): ConnectionEvent => ({
  id,
  at,
  kind,
  connection_id: "c",
  stream: null,
  message: "said",
  detail: {},
});
const run = (id: string, finished_at: string, part: Partial<Run> = {}): Run =>
  ({
    id,
    connection_id: "c",
    source: "crm",
    started_at: finished_at,
    finished_at,
    mode: "full",
    streams: [],
    outcome: "success",
    read: 12,
    landed: 10,
    duplicate: 1,
    filtered: 0,
    rejected: 1,
    balanced: true,
    ...part,
  }) as Run;

it("puts reads among what was written down, the newest first", () => {
  const lines = logOf(
    [event("e2", "2026-11-22T10:00:00Z"), event("e1", "2026-11-22T08:00:00Z", "alert_raised")],
    [run("r2", "2026-11-22T09:00:00Z"), run("r1", "2026-11-22T07:00:00Z", { outcome: "failed", error: "no way" })],
    false,
  );
  expect(lines.map(({ id, tone }) => [id, tone])).toEqual([
    ["e2", "neutral"],
    ["r2", "good"],
    ["e1", "warn"],
    ["r1", "bad"],
  ]);
  expect(lines[1]?.message).toBe("Read: 10 landed, 1 known already, 1 rejected.");
  expect(lines[3]?.message).toBe("no way");
});

it("waits with older reads until the events beside them are there", () => {
  const lines = logOf([event("e1", "2026-11-22T08:00:00Z")], [run("r1", "2026-11-22T07:00:00Z")], true);
  expect(lines.map(({ id }) => id)).toEqual(["e1"]);
});
