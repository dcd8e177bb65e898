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

it("leaves out numbers that nobody knows", () => {
  expect(factsOf("worker", known)).toEqual([]);
  expect(factsOf("sources", known)[0]).toEqual(["connected", "0"]);
  expect(factsOf("api", known)).toEqual([["answered in", "4 ms"]]);
});
