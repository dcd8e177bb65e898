import { describe, expect, it } from "vitest";
import type { GraphEdge } from "@/api/types";
import { edge, node } from "@/test/graph";
import { canOpen, onlyAround, openFields } from "./expand";

const nodes = [
  node("sys_crm", 0, "crm"),
  { ...node("src_crm_deals", 1, "deals"), fields: ["first", "last", "amt", "note"] },
  { ...node("dcl_opportunity", 2, "Opportunity"), fields: ["name", "amount", "stage"] },
  node("agent_x", 3, "X"),
];
const mapping: GraphEdge = {
  ...edge("src_crm_deals", "dcl_opportunity", 2, 0.9),
  field_mappings: [
    { source: "first + last", onto_field: "name", confidence: 0.72 },
    { source: "amt", onto_field: "amount", confidence: 0.99 },
  ],
};
const consumption: GraphEdge = {
  ...edge("dcl_opportunity", "agent_x"),
  type: "consumption",
  entity_fields: ["amount"],
};
const graph = { nodes, edges: [edge("sys_crm", "src_crm_deals"), mapping, consumption] };
const ways = (edges: GraphEdge[]) => edges.map(({ source, target }) => `${source} ${target}`).sort();

describe("an opened table", () => {
  const opened = openFields(graph, new Set(["src_crm_deals"]));

  it("gives way to its columns, also to those that lead nowhere", () => {
    expect(opened.nodes.map(({ label }) => label)).toEqual([
      "crm",
      "deals.first",
      "deals.last",
      "deals.amt",
      "deals.note",
      "Opportunity",
      "X",
    ]);
  });

  it("links each column to the entity it feeds, with the column's own confidence", () => {
    const leaving = opened.edges.filter((one) => one.type === "mapping");
    expect(ways(leaving)).toEqual([
      "src_crm_deals#amt dcl_opportunity",
      "src_crm_deals#first dcl_opportunity",
      "src_crm_deals#last dcl_opportunity",
    ]);
    expect(leaving.map(({ confidence }) => confidence)).toEqual([0.72, 0.72, 0.99]);
  });
});

it("an opened entity shows the fields that something flows through, on both sides", () => {
  const opened = openFields(graph, new Set(["dcl_opportunity"]));
  expect(opened.nodes.map(({ label }) => label)).toContain("Opportunity.amount");
  expect(opened.nodes.map(({ label }) => label)).not.toContain("Opportunity.stage");
  expect(ways(opened.edges)).toContain("dcl_opportunity#amount agent_x");
  expect(ways(opened.edges)).toContain("src_crm_deals dcl_opportunity#name");
});

it("two opened neighbours are linked field by field", () => {
  const opened = openFields(graph, new Set(["src_crm_deals", "dcl_opportunity"]));
  expect(ways(opened.edges)).toContain("src_crm_deals#last dcl_opportunity#name");
  expect(new Set(opened.edges.map(({ id }) => id)).size).toBe(opened.edges.length);
});

it("what cannot be told by field stays with the node", () => {
  const vague = { ...consumption, entity_fields: [] };
  const opened = openFields({ nodes, edges: [mapping, vague] }, new Set(["dcl_opportunity"]));
  expect(ways(opened.edges)).toContain("dcl_opportunity agent_x");
  expect(opened.nodes.map(({ id }) => id)).toContain("dcl_opportunity");
});

it("only tables and entities with fields can be opened, and a field cannot be opened again", () => {
  const opened = openFields(graph, new Set(["src_crm_deals"]));
  expect(nodes.filter(canOpen).map(({ id }) => id)).toEqual(["src_crm_deals", "dcl_opportunity"]);
  expect(opened.nodes.filter(canOpen).map(({ id }) => id)).toEqual(["dcl_opportunity"]);
});

it("only what flows through a node is left, also when it is opened", () => {
  const wider = { nodes: [...nodes, node("sys_erp", 0)], edges: graph.edges };
  expect(onlyAround(wider, "agent_x").nodes).toHaveLength(4);
  const opened = openFields(wider, new Set(["dcl_opportunity"]));
  expect(onlyAround(opened, "dcl_opportunity").nodes.map(({ id }) => id)).not.toContain("sys_erp");
});

it("a node that is gone hides nothing", () => {
  expect(onlyAround(graph, "dcl_gone").nodes).toHaveLength(nodes.length);
});
