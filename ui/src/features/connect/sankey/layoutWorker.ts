// Lays a large picture out beside the page, so that the page stays quick meanwhile. Asked and answered by useLayout.ts.
import type { Graph } from "./expand";
import { layoutGraph } from "./layout";

export type LayoutRequest = Graph & { ask: number; width: number };

self.onmessage = ({ data: { ask, nodes, edges, width } }: MessageEvent<LayoutRequest>) => {
  self.postMessage({ ask, layout: layoutGraph(nodes, edges, width) });
};
