// Walks over the picture: what a node is connected with, and which node an arrow key leads to. Pure.
import type { GraphEdge, GraphNode } from "@/api/types";
import type { Layout, PlacedNode } from "./layout";

export type Trace = { nodes: Set<string>; edges: Set<string> };

/** Collects everything upstream and downstream of a node, itself included. */
export function traceNode(edges: GraphEdge[], id: string): Trace {
  const trace: Trace = { nodes: new Set([id]), edges: new Set() };
  follow(edges, id, "source", "target", trace);
  follow(edges, id, "target", "source", trace);
  return trace;
}

/** Collects the whole way on which a link lies: what flows into it and where that goes. */
export function traceEdge(edges: GraphEdge[], edge: GraphEdge): Trace {
  const trace: Trace = { nodes: new Set([edge.source, edge.target]), edges: new Set([edge.id]) };
  follow(edges, edge.source, "target", "source", trace);
  follow(edges, edge.target, "source", "target", trace);
  return trace;
}

/** Finds the nodes whose name, or one of whose fields, holds what is searched for. */
export function findNodes(nodes: GraphNode[], search: string): GraphNode[] {
  const wanted = search.trim().toLowerCase();
  if (wanted === "") return [];
  return nodes.filter(
    ({ label, fields }) =>
      label.toLowerCase().includes(wanted) || fields.some((field) => field.toLowerCase().includes(wanted)),
  );
}

function follow(edges: GraphEdge[], start: string, from: "source" | "target", to: "source" | "target", trace: Trace) {
  const leaving = new Map<string, GraphEdge[]>();
  for (const edge of edges) {
    const known = leaving.get(edge[from]);
    if (known) known.push(edge);
    else leaving.set(edge[from], [edge]);
  }
  const queue = [start];
  const seen = new Set(queue);
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const edge of leaving.get(id) ?? []) {
      trace.edges.add(edge.id);
      trace.nodes.add(edge[to]);
      if (seen.has(edge[to])) continue;
      seen.add(edge[to]);
      queue.push(edge[to]);
    }
  }
}

const STEPS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Finds where an arrow key leads: along the column to the neighbour, across columns to the nearest connected node. */
export function nodeInDirection(layout: Layout, id: string, key: string): string | null {
  const step = STEPS[key];
  const here = layout.nodes.find((placed) => placed.node.id === id);
  if (!step || !here) return null;
  const [across, along] = layout.orientation === "horizontal" ? step : [step[1], step[0]];
  if (along !== 0) return neighbour(layout, here, along);
  return nearestAcross(layout, here, across);
}

function neighbour(layout: Layout, here: PlacedNode, along: number): string | null {
  const column = layout.nodes.filter((placed) => placed.node.layer === here.node.layer);
  const sorted = column.sort((a, b) => position(layout, a) - position(layout, b));
  return sorted[sorted.indexOf(here) + along]?.node.id ?? null;
}

function nearestAcross(layout: Layout, here: PlacedNode, across: number): string | null {
  const layers = layout.columns.map((column) => column.index);
  const layer = layers[layers.indexOf(here.node.layer) + across];
  const others = layout.nodes.filter((placed) => placed.node.layer === layer);
  const linked = new Set(
    layout.links.flatMap((link) => {
      if (link.source === here.node.id) return [link.target];
      return link.target === here.node.id ? [link.source] : [];
    }),
  );
  const candidates = others.some((placed) => linked.has(placed.node.id))
    ? others.filter((placed) => linked.has(placed.node.id))
    : others;
  const distance = (placed: PlacedNode) => Math.abs(position(layout, placed) - position(layout, here));
  return candidates.sort((a, b) => distance(a) - distance(b))[0]?.node.id ?? null;
}

function position(layout: Layout, placed: PlacedNode): number {
  return layout.orientation === "horizontal" ? placed.y0 + placed.y1 : placed.x0 + placed.x1;
}
