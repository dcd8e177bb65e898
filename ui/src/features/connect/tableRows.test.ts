import { expect, it } from "vitest";
import type { OntologyEntity, SourceSchema } from "@/api/types";
import { columnsBehind, fieldRows, tableRows } from "./tableRows";

const field = (name: string) => ({ name, type: "string", required: false, description: "" });
const feeds = (source_field: string, ontology_field: string, confidence: number) => ({
  source_field,
  ontology_field,
  confidence,
  evidence: [],
});
const deal: OntologyEntity = {
  name: "opportunity",
  label: "Opportunity",
  description: "",
  key: "id",
  records: 2,
  fields: [field("id"), field("amount")],
  source_mappings: [
    {
      source: "crm",
      table: "deals",
      role: "main",
      mapping_version: 1,
      field_mappings: [feeds("value", "amount", 0.8)],
      unmapped: [],
    },
    {
      source: "erp",
      table: "orders",
      role: "main",
      mapping_version: 3,
      field_mappings: [feeds("total", "amount", 0.95)],
      unmapped: [],
    },
  ],
};

it("lists every field with the columns that feed it, the surest first, and last those that nothing feeds", () => {
  const rows = fieldRows([deal]);
  expect(rows.map(({ id, columns }) => [id, columns.map(({ source, version }) => [source, version])])).toEqual([
    [
      "opportunity.amount",
      [
        ["erp", 3],
        ["crm", 1],
      ],
    ],
    ["opportunity.id", []],
  ]);
  expect(columnsBehind(rows)).toBe(2);
});

it("says of a table how much of it is mapped and how sure the weakest of that is", () => {
  const column = (name: string, confidence: number | null) => ({
    name,
    type: "string",
    nullable: true,
    distinct: 1,
    samples: [],
    evidence: [],
    candidates: [],
    ...(confidence === null ? {} : { entity: "opportunity", field: name, confidence }),
  });
  const sources: SourceSchema[] = [
    {
      connection_id: "c",
      source: "crm",
      system: "crm",
      tables: [
        {
          name: "deals",
          rows: 3,
          entity: "opportunity",
          columns: [column("a", 0.9), column("b", 0.7), column("c", null)],
        },
        { name: "notes", rows: 0, columns: [column("x", null)] },
      ],
    },
  ];
  expect(tableRows(sources).map(({ id, mapped, weakest }) => [id, mapped, weakest])).toEqual([
    ["crm/deals", 2, 0.7],
    ["crm/notes", 0, null],
  ]);
});
