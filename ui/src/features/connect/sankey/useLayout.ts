// Where the layout of a picture is computed: at once where it is small, in a worker where it is large.
import { useEffect, useMemo, useState } from "react";
import type { GraphEdge, GraphNode } from "@/api/types";
import type { Graph } from "./expand";
import { LARGE_NODES, type Layout, layoutGraph } from "./layout";
import type { LayoutRequest } from "./layoutWorker";

type LayoutAnswer = { ask: number; layout: Layout };

/** The one worker of the page, from when the page opens until it is left. */
let worker: Worker | null = null;
let asks = 0;

/** Starts the worker while the picture is still fetched, because its start takes longer than its work. */
export function useLayoutWorker() {
  useEffect(() => {
    if (typeof Worker === "undefined") return;
    worker = new Worker(new URL("./layoutWorker.ts", import.meta.url), { type: "module" });
    worker.onerror = () => {
      worker = null;
    };
    return () => {
      worker?.terminate();
      worker = null;
    };
  }, []);
}

/** Returns null until a large picture is laid out for the first time; after that, the last one until the next is there. */
export function useLayout(graph: Graph, width: number): Layout | null {
  const large = graph.nodes.length > LARGE_NODES && worker !== null;
  const small = useMemo(
    () => (large || width === 0 ? null : layoutGraph(graph.nodes, graph.edges, width)),
    [graph, width, large],
  );
  const [away, setAway] = useState<Layout | null>(null);

  useEffect(() => {
    const asked = worker;
    if (!large || !asked || width === 0) return;
    asks += 1;
    const ask = asks;
    const receive = ({ data }: MessageEvent<LayoutAnswer>) => {
      if (data.ask === ask) setAway(withDetails(data.layout, graph));
    };
    // A browser that refuses the worker still shows the picture.
    const fail = () => setAway(layoutGraph(graph.nodes, graph.edges, width));
    asked.addEventListener("message", receive);
    asked.addEventListener("error", fail);
    asked.postMessage({ ask, width, ...withoutDetails(graph) } satisfies LayoutRequest);
    return () => {
      asked.removeEventListener("message", receive);
      asked.removeEventListener("error", fail);
    };
  }, [graph, width, large]);

  return large ? away : small;
}

/** Leaves out what no place depends on and what would take most of the time to hand over. */
function withoutDetails({ nodes, edges }: Graph): Graph {
  return {
    nodes: nodes.map((node) => ({ ...node, fields: [] })),
    edges: edges.map((edge) => ({ ...edge, field_mappings: [], entity_fields: [] })),
  };
}

function withDetails(layout: Layout, { nodes, edges }: Graph): Layout {
  const nodeOf = new Map<string, GraphNode>(nodes.map((node) => [node.id, node]));
  const edgeOf = new Map<string, GraphEdge>(edges.map((edge) => [edge.id, edge]));
  return {
    ...layout,
    nodes: layout.nodes.map((placed) => ({ ...placed, node: nodeOf.get(placed.node.id) ?? placed.node })),
    links: layout.links.map((link) => ({ ...link, edge: edgeOf.get(link.edge.id) ?? link.edge })),
    unconnected: layout.unconnected.map((node) => nodeOf.get(node.id) ?? node),
  };
}
