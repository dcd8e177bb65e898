import { expect, it } from "vitest";
import { impactOf, type Lineage } from "./impact";

const line = (source: string, confidence: number) => ({
  source,
  table: "deals",
  column: "amount",
  entity: "opportunity",
  field: "amount",
  kind: "direct",
  confidence,
  mapping_version: 1,
});
const lineage = (...upstream: Lineage["upstream"]): Lineage => ({
  entity: "opportunity",
  field: "amount",
  upstream,
  downstream: [],
});

it("a column that feeds a field alone would leave it empty", () => {
  expect(impactOf(lineage(line("crm", 0.9)))).toEqual([
    { column: "crm deals.amount", confidence: 0.9, alone: true, others: 0 },
  ]);
});

it("of several columns the surest comes first, and none is alone", () => {
  const impacts = impactOf(lineage(line("crm", 0.8), line("erp", 0.95)));
  expect(impacts.map(({ column, alone }) => [column, alone])).toEqual([
    ["erp deals.amount", false],
    ["crm deals.amount", false],
  ]);
});
