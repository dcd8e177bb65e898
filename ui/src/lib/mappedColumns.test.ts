import { expect, it } from "vitest";
import { edge, node, stateOf } from "@/test/graph";
import { countColumns, mappedColumns } from "./mappedColumns";

const mapped = (table: string, ...fields: string[]) => fields.map((sourceField) => ({ table, sourceField }));

it("counts a column that feeds two entities once", () => {
  expect(countColumns([...mapped("crm deals", "account_id", "amount"), ...mapped("crm deals", "account_id")])).toBe(2);
});

it("counts columns of one name in two tables for themselves", () => {
  expect(countColumns([...mapped("crm deals", "id"), ...mapped("erp deals", "id")])).toBe(2);
});

it("takes apart what is joined, and counts the column that names metrics once", () => {
  expect(countColumns(mapped("hr people", "first + last", "first"))).toBe(2);
  expect(countColumns(mapped("ops metrics", "MetricName = cpu", "MetricName = memory"))).toBe(1);
});

it("counts each column once, and the metrics of a long table as the one column that names them", () => {
  const table = { ...node("t", 1), fields: ["id", "first", "last", "MetricName"] };
  const feeds = (...sources: string[]) => ({
    ...edge("t", "e"),
    field_mappings: sources.map((source) => ({ source, onto_field: source, confidence: 1 })),
  });
  const state = stateOf([table, node("e", 2)], [feeds("id", "first + last", "cpu", "memory"), feeds("id")]);
  expect(mappedColumns(state)).toBe(4);
});
