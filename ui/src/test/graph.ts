// Builds graphs of any size for layout tests.
import type { GraphEdge, GraphNode, GraphState } from "@/api/types";

export function node(id: string, layer: number, label = id): GraphNode {
  const type = (["source_parent", "source", "ontology", "agent"] as const)[layer] ?? "ontology";
  return { id, label, type, layer, fields: [] };
}

export function edge(source: string, target: string, value = 1, confidence: number | null = null): GraphEdge {
  return {
    id: `${source}>${target}`,
    source,
    target,
    label: "",
    type: confidence === null ? "hierarchy" : "mapping",
    edgeType: confidence === null ? "hierarchy" : "dataflow",
    field_mappings: [],
    entity_fields: [],
    value,
    confidence,
  };
}

/** Makes `sources` sources of two tables each, which feed three entities that two agents use. */
export function graphOf(sources: number): { nodes: GraphNode[]; edges: GraphEdge[] } {
  const nodes = [node("e0", 2), node("e1", 2), node("e2", 2), node("a0", 3), node("a1", 3)];
  const edges = [edge("e0", "a0"), edge("e1", "a0"), edge("e2", "a1")];
  for (let source = 0; source < sources; source += 1) {
    nodes.push(node(`s${source}`, 0, `source number ${source}`));
    for (const table of ["first", "second"]) {
      const id = `s${source}_${table}`;
      nodes.push(node(id, 1, `TABLE_${table.toUpperCase()}_OF_${source}`));
      edges.push(edge(`s${source}`, id, 1 + ((source * 7) % 40)), edge(id, `e${source % 3}`, 1 + (source % 9), 0.93));
    }
  }
  return { nodes, edges };
}

export function stateOf(nodes: GraphNode[], edges: GraphEdge[]): GraphState {
  return {
    version: "1",
    nodes,
    edges,
    confidence: 0.93,
    sources_added: [],
    entity_sources: {},
    selected_agents: [],
    tenant_id: "t",
    metadata: { generated_at: "2026-01-01T00:00:00Z", layers: [] },
    ledger: { read: 0, landed: 0, duplicate: 0, filtered: 0, rejected: 0, balanced: true },
  };
}
