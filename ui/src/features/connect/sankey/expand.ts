// Fields in the picture: a node that is opened gives way to its fields, and its links to those between fields. And the picture of one node
// alone: what flows into it and out of it. Pure; the layout does not know of either.
import type { GraphEdge, GraphNode } from "@/api/types";
import { traceNode } from "./trace";

export type Graph = { nodes: GraphNode[]; edges: GraphEdge[] };
type FieldPair = { from: string | null; to: string | null; confidence: number | null };

/** Joins the columns of a mapping that reads several, as the backend writes them. */
const SEVERAL = " + ";

export const fieldId = (node: string, field: string) => `${node}#${field}`;

/** Tells whether a node can be opened: tables and entities have fields that links go to. */
export function canOpen(node: GraphNode): boolean {
  return (node.type === "source" || node.type === "ontology") && node.fields.length > 0 && !node.id.includes("#");
}

/** Puts the fields of each opened node in its place. A link between fields has that field's own confidence. */
export function openFields({ nodes, edges }: Graph, opened: ReadonlySet<string>): Graph {
  const open = new Map(nodes.filter((node) => opened.has(node.id) && canOpen(node)).map((node) => [node.id, node]));
  if (open.size === 0) return { nodes, edges };
  const split = edges.flatMap((edge) => splitEdge(edge, open));
  const linked = new Set(split.flatMap((edge) => [edge.source, edge.target]));
  return { nodes: nodes.flatMap((node) => (open.has(node.id) ? fieldsOf(node, linked) : [node])), edges: split };
}

/** Keeps what a node, or its fields where it is opened, is connected with, up and down. */
export function onlyAround({ nodes, edges }: Graph, id: string): Graph {
  const starts = nodes.filter((node) => node.id === id || node.id.startsWith(fieldId(id, "")));
  if (starts.length === 0) return { nodes, edges };
  const traces = starts.map((node) => traceNode(edges, node.id));
  return {
    nodes: nodes.filter((node) => traces.some((trace) => trace.nodes.has(node.id))),
    edges: edges.filter((edge) => traces.some((trace) => trace.edges.has(edge.id))),
  };
}

/** An opened table shows all its columns (its source leads to each), an opened entity the fields that something flows through; what cannot be split stays with the node. */
function fieldsOf(node: GraphNode, linked: Set<string>): GraphNode[] {
  const fields = node.fields
    .filter((field) => linked.has(fieldId(node.id, field)))
    .map(
      (field): GraphNode => ({
        ...node,
        id: fieldId(node.id, field),
        label: `${node.label}.${field}`,
        fields: [field],
        parentId: node.id,
      }),
    );
  return linked.has(node.id) || fields.length === 0 ? [node, ...fields] : fields;
}

function splitEdge(edge: GraphEdge, open: Map<string, GraphNode>): GraphEdge[] {
  const [source, target] = [open.get(edge.source), open.get(edge.target)];
  if (!source && !target) return [edge];
  const pairs = pairsOf(edge, source, target);
  if (pairs.length === 0) return [edge];
  const merged = new Map<string, GraphEdge>();
  for (const { from, to, confidence } of pairs) {
    const [start, end] = [
      from === null ? edge.source : fieldId(edge.source, from),
      to === null ? edge.target : fieldId(edge.target, to),
    ];
    const id = `${start}->${end}`;
    const known = merged.get(id);
    merged.set(id, {
      ...edge,
      id,
      source: start,
      target: end,
      confidence: lower(known?.confidence ?? null, confidence),
      field_mappings: edge.field_mappings.filter(
        (field) =>
          (from === null || field.source.split(SEVERAL).includes(from)) && (to === null || field.onto_field === to),
      ),
      entity_fields: to !== null ? [to] : edge.type === "consumption" && from !== null ? [from] : edge.entity_fields,
      value: (known?.value ?? 0) + 1,
    });
  }
  return [...merged.values()];
}

/** Lists which fields a link joins; null stands for a node that is not opened. */
function pairsOf(edge: GraphEdge, source: GraphNode | undefined, target: GraphNode | undefined): FieldPair[] {
  if (edge.type === "hierarchy")
    return (target?.fields ?? []).map((field) => ({ from: null, to: field, confidence: null }));
  if (edge.type === "consumption") {
    return source ? edge.entity_fields.map((field) => ({ from: field, to: null, confidence: null })) : [];
  }
  return edge.field_mappings.flatMap(({ source: columns, onto_field, confidence }) => {
    const to = target ? onto_field : null;
    const from = source ? columns.split(SEVERAL).filter((column) => source.fields.includes(column)) : [null];
    return (from.length > 0 ? from : [null]).map((column) => ({ from: column, to, confidence }));
  });
}

function lower(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
