// Draws the picture as SVG: links, nodes and labels that can be pointed at, tabbed to and walked with the arrow keys. What is followed is drawn
// once more on top, and of a large picture only what is in sight is there at all, so that pointing, moving and zooming redraw little however
// large it is. Positions come from layout.ts; what a selection means is the caller's.
import { type KeyboardEvent, type RefObject, type SyntheticEvent, useId, useMemo } from "react";
import type { GraphEdge, GraphNode } from "@/api/types";
import { text } from "@/text/connect";
import type { Read } from "./freshness";
import { type Box, LARGE_NODES, type Layout } from "./layout";
import { ColumnNames, Gradients, Links, Nodes } from "./parts";
import { inSight } from "./sight";
import { nodeInDirection, type Trace } from "./trace";

/** Of a large picture that is smaller than this nobody could read the labels; bars alone are drawn. */
const LEGIBLE_SCALE = 0.45;

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
  /** What is to be drawn; null for all of it. */
  part: Box | null;
  /** The node with the focus, drawn wherever it is. */
  held: string | null;
  svg: RefObject<SVGSVGElement | null>;
  onPoint: (pointed: Pointed) => void;
  onHold: (nodeId: string) => void;
  /** Brings the focus to a node, which may be out of sight. */
  onGo: (nodeId: string) => void;
  onOpen: (nodeId: string) => void;
  /** What keys other than those for walking and opening do; true when one did something. */
  onKey: (key: string, nodeId: string) => boolean;
};

export function Sankey(props: Props) {
  const { layout, edges, trace, pointed, reads, scale, part, held, svg } = props;
  const { onPoint, onHold, onGo, onOpen, onKey } = props;
  const gradients = useId().replaceAll(":", "");
  const drawn = useMemo(
    () => ({
      nodes: new Map(layout.nodes.map(({ node }) => [node.id, node])),
      edges: new Map(layout.links.map(({ edge }) => [edge.id, edge])),
    }),
    [layout],
  );
  const bare = part !== null && scale < LEGIBLE_SCALE;
  const shown = useMemo(() => inSight(layout, part, held), [layout, part, held]);

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
  const focus = (event: SyntheticEvent) => {
    const here = at(event);
    if (here?.kind === "node") onHold(here.node.id);
    point(event);
  };
  const press = (event: KeyboardEvent) => {
    const here = at(event);
    if (here?.kind !== "node" || event.ctrlKey || event.metaKey || event.altKey) return;
    const id = here.node.id;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return onOpen(id);
    }
    // With Shift, the arrow keys move the drawing; that is the frame's.
    const next = event.shiftKey ? null : nodeInDirection(layout, id, event.key);
    if (next || onKey(event.key, id)) event.preventDefault();
    if (next) onGo(next);
  };

  return (
    <svg
      ref={svg}
      role="group"
      aria-label={text.pictureOfFromSourcesToAgents(layout.nodes.length, part !== null)}
      width={Math.ceil(layout.width * scale)}
      height={Math.ceil(layout.height * scale)}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      className="block select-none"
      onPointerOver={point}
      onPointerLeave={() => onPoint(null)}
      onFocus={focus}
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
        <Links links={shown.links} gradients={gradients} reads={reads} />
        <Nodes nodes={shown.nodes} edges={edges} bare={bare} />
      </g>
      {trace && (
        <Followed
          nodes={shown.nodes}
          links={shown.links}
          trace={trace}
          gradients={gradients}
          reads={reads}
          pointed={pointed}
          bare={bare}
        />
      )}
    </svg>
  );
}

const idOf = (pointed: Pointed) => (pointed?.kind === "node" ? pointed.node.id : pointed?.edge.id);

type FollowedProps = Pick<Layout, "nodes" | "links"> &
  Pick<Props, "reads" | "pointed"> & { trace: Trace; gradients: string; bare: boolean };

/** The parts that are followed over the pale rest. Nothing here can be pointed at. */
function Followed({ nodes, links, trace, gradients, reads, pointed, bare }: FollowedProps) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in here can be focused; its twin below can
    <g data-passing="" aria-hidden="true" pointerEvents="none">
      <Links links={links.filter(({ edge }) => trace.edges.has(edge.id))} gradients={gradients} reads={reads} lit />
      <Nodes
        nodes={nodes.filter(({ node }) => trace.nodes.has(node.id))}
        shown
        bare={bare}
        pointed={pointed?.kind === "node" ? pointed.node.id : undefined}
      />
    </g>
  );
}
