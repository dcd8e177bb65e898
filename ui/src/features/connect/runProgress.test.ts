import { describe, expect, it } from "vitest";
import type { ConnectRun, LiveMessage, MappingProgress } from "@/api/types";
import { applyMessage, applyReport, beginRun, loseRun, overallPercent, type RunProgress, totals } from "./runProgress";

function progress(source: string, over: Partial<MappingProgress> = {}): LiveMessage {
  const data: MappingProgress = {
    run_id: "r1",
    source,
    stage: "reading",
    table: "t",
    tables_done: 0,
    tables: 2,
    records_read: 10,
    message: "",
    percent: 20,
    ...over,
  };
  return { type: "mapping_progress", id: "m", at: "2026-01-01T00:00:00Z", data };
}

const narration = (id: string, message: string): LiveMessage => ({
  type: "narration",
  id,
  at: "2026-01-01T00:00:00Z",
  data: { run_id: "r1", at: "2026-01-01T00:00:00Z", message, level: "info" },
});

function play(messages: LiveMessage[], from: RunProgress | null = beginRun("r1", ["crm", "erp"], 0)): RunProgress {
  const run = messages.reduce<RunProgress | null>((current, message) => applyMessage(current, message, 5), from);
  if (!run) throw new Error("no run");
  return run;
}

describe("a run in progress", () => {
  it("has no progress before the first message", () => {
    expect(overallPercent(beginRun("r1", ["crm", "erp"], 0))).toBe(0);
  });

  it("is as far as its sources are on average", () => {
    const run = play([progress("crm", { stage: "done", percent: 90 }), progress("erp", { percent: 50 })]);
    expect(overallPercent(run)).toBe(75);
    expect(totals(run)).toEqual({ sources: 2, sourcesEnded: 1, sourcesFailed: 0, records: 20 });
  });

  it("is not taken back by a late message", () => {
    const run = play([progress("crm", { stage: "done", records_read: 40 }), progress("crm", { stage: "mapping" })]);
    expect(run.sources[0]).toMatchObject({ status: "done", percent: 100, recordsRead: 40 });
  });

  it("keeps the reason of a failed source", () => {
    const run = play([progress("crm", { stage: "failed", message: "cannot read Account.csv" })]);
    expect(run.sources[0]?.error).toBe("cannot read Account.csv");
    expect(totals(run).sourcesFailed).toBe(1);
  });

  it("takes its time from the server when it ends", () => {
    const run = play([
      { type: "sources_connected", id: "x", at: "", data: { run_id: "r1", sources: ["crm"], elapsed_ms: 213 } },
    ]);
    expect(run).toMatchObject({ status: "finished", elapsedMs: 213 });
    expect(overallPercent(run)).toBe(100);
  });

  it("says each thing once, even when a message is repeated", () => {
    const run = play([narration("n1", "reading"), narration("n1", "reading"), narration("n2", "mapping")]);
    expect(run.log.map((line) => line.message)).toEqual(["reading", "mapping"]);
  });

  it("keeps a bounded log", () => {
    const run = play(Array.from({ length: 700 }, (_, index) => narration(`n${index}`, `line ${index}`)));
    expect(run.log).toHaveLength(500);
    expect(run.log.at(-1)?.message).toBe("line 699");
  });

  it("gives way to a newer run started elsewhere", () => {
    const run = play([progress("hr", { run_id: "r2" })]);
    expect(run.runId).toBe("r2");
    expect(run.sources.map((source) => source.source)).toEqual(["hr"]);
  });
});

it("a run that the server has forgotten ends and says so", () => {
  expect(loseRun(beginRun("r1", ["crm"], 0))).toMatchObject({
    status: "failed",
    error: expect.stringContaining("Run again"),
  });
  const finished = { ...beginRun("r1", [], 0), status: "finished" as const };
  expect(loseRun(finished)).toBe(finished);
});

describe("a run report", () => {
  const report: ConnectRun = {
    run_id: "r1",
    status: "finished",
    started_at: "",
    finished_at: "",
    elapsed_ms: 321,
    sources: [
      { source: "crm", status: "done", tables_done: 2, tables: 2, records_read: 99, percent: 100, error: null },
      {
        source: "erp",
        status: "failed",
        tables_done: 0,
        tables: 1,
        records_read: 0,
        percent: 0,
        error: "no such file",
      },
    ],
    error: null,
  };

  it("completes a run whose messages were missed", () => {
    const run = applyReport(beginRun("r1", ["crm", "erp"], 0), report, 1000);
    expect(run).toMatchObject({ status: "finished", elapsedMs: 321 });
    expect(run.sources.map((source) => source.percent)).toEqual([100, 100]);
    expect(run.sources[1]?.error).toBe("no such file");
  });

  it("sets the clock of a run that was begun before this page was opened", () => {
    const begun = { ...report, status: "running" as const, elapsed_ms: null, started_at: "2026-01-01T00:00:10Z" };
    const nowMs = Date.parse("2026-01-01T00:00:12Z");
    expect(applyReport(null, begun, nowMs)).toMatchObject({ elapsedMs: null, startedAtMs: nowMs - 2000 });
    const clockAhead = { ...begun, started_at: "2026-01-01T01:00:00Z" };
    expect(applyReport(null, clockAhead, nowMs).startedAtMs).toBe(nowMs);
  });
});
