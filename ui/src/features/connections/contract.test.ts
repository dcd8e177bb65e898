import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CHANGES, contractOf, writtenRules } from "./contract";

it("a contract comes back as it was, and what is not named means everything", () => {
  const rules = [
    { action: "freeze", path: "properties.amount" },
    { action: "evolve", change: "enum_changed" },
    { action: "discard_row" },
  ];
  expect(contractOf(writtenRules(rules))).toEqual({ rules });
});

it("every kind of change of a table that the server tells apart can be named, and no other", () => {
  const source = readFileSync("../crates/aos-core/src/drift/change.rs", "utf8");
  const kinds = source.split("pub enum ChangeKind {")[1]?.split("\n}")[0] ?? "";
  const names = [...kinds.matchAll(/^ {4}([A-Z]\w+),/gm)].map(([, name = ""]) =>
    name.replace(/(?!^)([A-Z])/g, "_$1").toLowerCase(),
  );
  expect(names.length).toBeGreaterThan(10);
  // Whole tables that come and go are no change of one table.
  expect([...CHANGES].sort()).toEqual(names.filter((name) => !name.startsWith("stream_")).sort());
});
