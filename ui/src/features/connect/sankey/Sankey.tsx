// Draws the picture as SVG: links, nodes and labels that can be pointed at, tabbed to and walked with the arrow keys. What is followed is drawn
// once more on top, so that pointing redraws little however large the picture is. Positions come from layout.ts; what a selection means
// is the caller's.
import { type KeyboardEvent, type RefObject, type SyntheticEvent, useId, useMemo } from "react";
import type { GraphEdge, GraphNode } from "@/api/types";
import { text } from "@/text/connect";
import type { Read } from "./freshness";
import { LARGE_NODES, type Layout } from "./layout";
import { ColumnNames, Gradients, Links, Nodes } from "./parts";
import { nodeInDirection, type Trace } from "./trace";

export type Pointed = { kind: "node"; node: GraphNode } | { kind: "edge"; edge: GraphEdge } | null;

type Props = {
  layout: Layout;
  edges: GraphEdge[];
  /** What is followed or found: drawn clearly, with everything else pale. */
  trace: Trace | null;
  pointed: Pointed;
  /** How fresh each link is, when that colours it. */
  reads: Map<string, Read> | null;
  scale: number;
  svg: RefObject<SVGSVGElement | null>;
  onPoint: (pointed: Pointed) => void;
  onOpen: (nodeId: string) => void;
  /** What keys other than those for walking and opening do; true when one did something. */
  onKey: (key: string, nodeId: string) => boolean;
};

export function Sankey({ layout, edges, trace, pointed, reads, scale, svg, onPoint, onOpen, onKey }: Props) {
  const gradients = useId().replaceAll(":", "");
  const drawn = useMemo(
    () => ({
      nodes: new Map(layout.nodes.map(({ node }) => [node.id, node])),
      edges: new Map(layout.links.map(({ edge }) => [edge.id, edge])),
    }),
    [layout],
  );

  const at = (event: SyntheticEvent): Pointed => {
    const part = event.target instanceof Element ? event.target.closest("[data-node],[data-edge]") : null;
    const node = drawn.nodes.get(part?.getAttribute("data-node") ?? "");
    if (node) return { kind: "node", node };
    const edge = drawn.edges.get(part?.getAttribute("data-edge") ?? "");
    return edge ? { kind: "edge", edge } : null;
  };
  const point = (event: SyntheticEvent) => {
    const next = at(event);
    if (next && idOf(next) !== idOf(pointed)) onPoint(next);
  };
  const press = (event: KeyboardEvent) => {
    const here = at(event);
    if (here?.kind !== "node" || event.ctrlKey || event.metaKey || event.altKey) return;
    const id = here.node.id;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return onOpen(id);
    }
    const next = nodeInDirection(layout, id, event.key);
    if (next || onKey(event.key, id)) event.preventDefault();
    if (next) svg.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(next)}"]`)?.focus();
  };

  return (
    <svg
      ref={svg}
      role="group"
      aria-label={text.pictureOfFromSourcesToAgents(layout.nodes.length)}
      width={Math.ceil(layout.width * scale)}
      height={Math.ceil(layout.height * scale)}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      className="block select-none"
      onPointerOver={point}
      onPointerLeave={() => onPoint(null)}
      onFocus={point}
      onBlur={() => onPoint(null)}
      onClick={(event) => {
        const here = at(event);
        if (here?.kind === "node") onOpen(here.node.id);
      }}
      onKeyDown={press}
    >
      <Gradients layout={layout} prefix={gradients} />
      <ColumnNames layout={layout} />
      <g
        data-whole=""
        opacity={trace ? 0.22 : 1}
        className={layout.nodes.length > LARGE_NODES ? "will-change-[opacity]" : "transition-opacity duration-150"}
      >
        <Links links={layout.links} gradients={gradients} reads={reads} />
        <Nodes nodes={layout.nodes} edges={edges} />
      </g>
      {trace && (
        <Followed
          layout={layout}
          trace={trace}
          gradients={gradients}
          reads={reads}
          pointed={pointed}
          scale={scale}
          svg={svg}
        />
      )}
    </svg>
  );
}

const idOf = (pointed: Pointed) => (pointed?.kind === "node" ? pointed.node.id : pointed?.edge.id);

type FollowedProps = Pick<Props, "layout" | "reads" | "pointed" | "scale" | "svg"> & {
  trace: Trace;
  gradients: string;
};

/** The parts that are followed, as far as they are in sight, over the pale rest. Nothing here can be pointed at. */
function Followed({ layout, trace, gradients, reads, pointed, scale, svg }: FollowedProps) {
  const inSight = sightOf(svg.current, scale);
  const links = layout.links.filter((link) => trace.edges.has(link.edge.id));
  const nodes = layout.nodes.filter(({ node, label }) => trace.nodes.has(node.id) && inSight(label.y));
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in here can be focused; its twin below can
    <g data-passing="" aria-hidden="true" pointerEvents="none">
      <Links links={links} gradients={gradients} reads={reads} lit />
      <Nodes nodes={nodes} shown pointed={pointed?.kind === "node" ? pointed.node.id : undefined} />
    </g>
  );
}

/** Tells what is on the screen or at most a screen away, in the units of the drawing. */
function sightOf(svg: SVGSVGElement | null, scale: number): (y: number) => boolean {
  const top = svg?.getBoundingClientRect().top ?? 0;
  const [from, to] = [(-top - window.innerHeight) / scale, (-top + 2 * window.innerHeight) / scale];
  return (y) => y >= from && y <= to;
}
