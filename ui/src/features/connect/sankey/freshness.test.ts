import { expect, it } from "vitest";
import { edge, node } from "@/test/graph";
import { openFields } from "./expand";
import { type Freshness, freshnessOf, freshnessOfEdges } from "./freshness";

const NOW = Date.parse("2026-06-08T12:00:00Z");
const read = (at: string | null, stale_after_s = 86_400) => ({ at, stale_after_s });

it.each<[Freshness, string | null, number]>([
  ["fresh", "2026-06-08T09:00:00Z", 86_400],
  ["ageing", "2026-06-05T12:00:00Z", 86_400],
  ["ageing", "2026-06-08T09:00:00Z", 3_600],
  ["old", "2026-06-01T11:59:59Z", 86_400],
  ["never", null, 86_400],
])("is %s what was read %s and should be every %i seconds", (freshness, at, staleAfterS) => {
  expect(freshnessOf(read(at, staleAfterS), NOW)).toEqual({ at, freshness });
});

it("follows an opened table to its columns", () => {
  const table = { ...node("t", 1), fields: ["amount", "stage"] };
  const mapped = {
    ...edge("t", "e", 1, 0.9),
    field_mappings: [{ source: "amount", onto_field: "amount", confidence: 0.9 }],
    read: read(null),
  };
  const { edges } = openFields({ nodes: [table, node("e", 2)], edges: [mapped] }, new Set(["t"]));
  expect([...freshnessOfEdges(edges, NOW)]).toEqual([["t#amount->e", { at: null, freshness: "never" }]]);
});

it("says nothing of what it knows nothing of", () => {
  expect(freshnessOfEdges([edge("e", "a")], NOW).size).toBe(0);
});
