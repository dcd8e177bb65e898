import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { kindWords, TASK_KINDS } from "./states";

it("every kind of task that the server knows can be chosen, and no other", () => {
  const source = readFileSync("../crates/aos-core/src/kind.rs", "utf8");
  // What the crash test alone runs is never part of a shipped server.
  const shipped = source.replace(/#\[cfg\(feature = "fault-points"\)\]\npub const [^\n]+/g, "");
  const declared = [...shipped.matchAll(/^pub const (\w+): &str = "(\w+)";/gm)].map(([, name, kind]) => ({
    name,
    kind,
  }));
  // The right that orchestration jobs take, and what wakes workers, are no kinds.
  const kinds = declared.filter(({ name }) => name !== "AOA" && !name?.startsWith("WAKE")).map(({ kind }) => kind);
  expect(kinds.length).toBeGreaterThan(10);
  expect([...TASK_KINDS].sort()).toEqual([...kinds].sort());
});

it("a kind that is newer than the page is told by its own name", () => {
  expect(kindWords("water_plants")).toBe("Water plants");
});
