import { expect, it } from "vitest";
import { factsOf, type Known, LOWER, reasonOf, statusOf, UPPER } from "./parts";

const known: Known = {
  ready: {
    status: "degraded",
    version: "1",
    broker: { status: "degraded", reason: "refused", since: "2026-11-21T12:00:00Z" },
    parts: {
      broker: { status: "degraded", reason: "refused", since: "2026-11-21T12:00:00Z" },
      database: { status: "ok" },
    },
  },
  answeredMs: 4.4,
  state: undefined,
  connections: [],
  tasks: undefined,
  mesh: undefined,
  live: "live",
};

it("shows what the server says of its parts", () => {
  expect(statusOf("database", known)).toBe("ok");
  expect(statusOf("broker", known)).toBe("degraded");
  expect(reasonOf("broker", known)).toEqual({ reason: "refused", since: "2026-11-21T12:00:00Z" });
});

it("claims nothing of a part that the server does not tell of", () => {
  expect(statusOf("lake", known)).toBe("unknown");
  expect(statusOf("worker", known)).toBe("unknown");
});

it("claims nothing at all when the server does not answer", () => {
  const lost = { ...known, ready: undefined };
  for (const part of [...UPPER, ...LOWER]) expect(statusOf(part, lost), part).toBe("unknown");
});

it("says of the mesh what its connections are, and why", () => {
  const sums = {
    connections: 3,
    paused: 0,
    healthy: 2,
    degraded: 0,
    failing: 1,
    unknown: 0,
    runs_24h: 4,
    alerts: [],
    accounts: [],
  };
  expect(statusOf("mesh", { ...known, mesh: sums })).toBe("degraded");
  expect(reasonOf("mesh", { ...known, mesh: sums })?.reason).toBe("1 connection failing");
  expect(factsOf("mesh", { ...known, mesh: sums })[0]).toEqual(["healthy", "2 of 3"]);
  expect(statusOf("mesh", { ...known, mesh: { ...sums, healthy: 0, failing: 0, unknown: 3 } })).toBe("unknown");
});

it("leaves out numbers that nobody knows", () => {
  expect(factsOf("worker", known)).toEqual([]);
  expect(factsOf("sources", known)[0]).toEqual(["connected", "0"]);
  expect(factsOf("api", known)).toEqual([["answered in", "4 ms"]]);
});
