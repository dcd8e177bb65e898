import { describe, expect, it } from "vitest";
import type { LiveMessage } from "@/api/types";
import {
  addEvent,
  CROSSING_MS,
  EVENTS_KEPT,
  eventOf,
  type FlowEvent,
  firstAtOrAfter,
  fits,
  progressOf,
  sumsOf,
} from "./flow";
import { shownMs } from "./useClock";

const at = "2026-11-21T12:00:00Z";
const message = (type: string, data: object, id = "1") => ({ type, id, at, data }) as unknown as LiveMessage;

function event(id: number, part: Partial<FlowEvent> = {}): FlowEvent {
  const empty = { stream: "", rejected: 0, duplicate: 0, outcome: null, balanced: true };
  return { id: String(id), lane: "ingested", atMs: id * 100, source: "crm", records: 1, ...empty, ...part };
}

describe("reading events", () => {
  it("takes what a page and a run say of themselves", () => {
    expect(
      eventOf(message("canonicalized", { source: "crm", stream: "deals", records: 7, rejected: 2 })),
    ).toMatchObject({
      lane: "canonicalized",
      source: "crm",
      stream: "deals",
      records: 7,
      rejected: 2,
    });
    expect(
      eventOf(message("journaled", { source: "crm", read: 9, outcome: "partial", balanced: false })),
    ).toMatchObject({
      records: 9,
      outcome: "partial",
      balanced: false,
    });
  });

  it("sums the entities that the views show", () => {
    expect(eventOf(message("viewed", { entities: { account: 3, contact: 4 } }))?.records).toBe(7);
  });

  it("leaves other messages alone", () => {
    expect(eventOf(message("task_changed", {}))).toBeNull();
  });
});

describe("keeping events", () => {
  it("tells none twice", () => {
    const once = addEvent([], event(1));
    expect(addEvent(once, event(1))).toBe(once);
  });

  it("lets the oldest go when there are too many", () => {
    const full = Array.from({ length: EVENTS_KEPT }, (_, id) => event(id));
    const next = addEvent(full, event(EVENTS_KEPT));
    expect(next).toHaveLength(EVENTS_KEPT);
    expect(next[0]?.id).toBe("1");
    expect(next.at(-1)?.id).toBe(String(EVENTS_KEPT));
  });

  it("finds the first of a time", () => {
    const events = [event(1), event(2), event(4)];
    expect([0, 100, 101, 400, 401].map((ms) => firstAtOrAfter(events, ms))).toEqual([0, 0, 1, 2, 3]);
  });

  it("sums each lane", () => {
    const sums = sumsOf([event(1, { records: 5 }), event(2, { records: 6 }), event(3, { lane: "viewed" })]);
    expect(sums.ingested).toEqual({ events: 2, records: 11 });
    expect(sums.journaled).toEqual({ events: 0, records: 0 });
  });

  it("filters by source and lane together", () => {
    expect(fits(event(1), { source: "crm", lane: "ingested" })).toBe(true);
    expect(fits(event(1), { source: "crm", lane: "viewed" })).toBe(false);
    expect(fits(event(1), { source: "erp" })).toBe(false);
  });
});

describe("time", () => {
  it("a dot crosses its lane once, faster at a higher speed", () => {
    const one = event(0, { atMs: 1_000 });
    expect(progressOf(one, 999, 1)).toBeNull();
    expect(progressOf(one, 1_000, 1)).toBe(0);
    expect(progressOf(one, 1_000 + CROSSING_MS / 2, 1)).toBe(0.5);
    expect(progressOf(one, 1_000 + CROSSING_MS / 2, 2)).toBe(1);
    expect(progressOf(one, 1_001 + CROSSING_MS, 1)).toBeNull();
  });

  it("stands still when paused, and runs again from where it was when replayed", () => {
    expect(shownMs({ kind: "live" }, 500, 1)).toBe(500);
    expect(shownMs({ kind: "paused", atMs: 100 }, 500, 1)).toBe(100);
    expect(shownMs({ kind: "replay", fromMs: 100, beganMs: 400 }, 500, 2)).toBe(300);
  });
});
