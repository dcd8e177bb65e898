// The parts of the drawing: links, nodes with their labels, the names of the columns, gradients. They draw and do nothing else, and are drawn
// again only when what they show has changed.
import { memo, useMemo } from "react";
import type { GraphEdge, GraphNode } from "@/api/types";
import { text } from "@/text/connect";
import { dashOf, restingOpacity, strokeOf } from "./colors";
import type { Read } from "./freshness";
import { KINDS } from "./kinds";
import type { Label, Layout, PlacedLink, PlacedNode } from "./layout";

const LIT_BY = 0.3;
const LIT_MAX = 0.85;
/** From the middle of a label down to the line that its letters stand on. */
const DROP = 4.2;
const TURNED_DROP = 3.9;

type LinksProps = { links: PlacedLink[]; gradients: string; reads: Map<string, Read> | null; lit?: boolean };

export const Links = memo(function Links({ links, gradients, reads, lit = false }: LinksProps) {
  return (
    <g fill="none">
      {links.map((link) => {
        const opacity = restingOpacity(link.edge);
        return (
          <path
            key={link.edge.id}
            data-edge={lit ? undefined : link.edge.id}
            d={link.path}
            stroke={strokeOf(link.edge, gradients, reads)}
            strokeWidth={link.width}
            strokeDasharray={dashOf(link.edge, reads)}
            strokeOpacity={lit ? Math.min(LIT_MAX, opacity + LIT_BY) : opacity}
          />
        );
      })}
    </g>
  );
});

type NodesProps = {
  nodes: PlacedNode[];
  /** The links that the nodes' names tell of; left out where the nodes are only shown. */
  edges?: GraphEdge[];
  shown?: boolean;
  /** Without labels. */
  bare?: boolean;
  pointed?: string | undefined;
};

export const Nodes = memo(function Nodes({ nodes, edges, shown = false, bare = false, pointed }: NodesProps) {
  const degrees = useMemo(() => degreesOf(edges ?? []), [edges]);
  // What all nodes share stands on their group once: of thousands, each attribute counts.
  return (
    <g fill="var(--ink)" textAnchor="middle" fontSize={12} fontWeight={600} strokeOpacity={0.45}>
      {nodes.map(({ node, x0, x1, y0, y1, label }) => {
        const color = KINDS[node.type].color;
        const acting = shown
          ? {}
          : {
              role: "button",
              tabIndex: 0,
              "data-node": node.id,
              "data-layer": node.layer,
              "aria-label": nodeName(node, degrees.get(node.id)),
              className: "cursor-pointer outline-none",
            };
        return (
          <g key={node.id} {...acting}>
            <rect x={x0} y={y0} width={Math.max(2, x1 - x0)} height={Math.max(2, y1 - y0)} rx={2.5} fill={color} />
            {!bare && <NodeLabel label={label} color={color} pointed={node.id === pointed} />}
          </g>
        );
      })}
    </g>
  );
});

function NodeLabel({ label, color, pointed }: { label: Label; color: string; pointed: boolean }) {
  const x = label.x + label.width / 2;
  const y = label.y + label.height / 2;
  const drop = label.turned ? TURNED_DROP : DROP;
  return (
    <>
      <rect
        x={label.x}
        y={label.y}
        width={label.width}
        height={label.height}
        rx={Math.min(label.width, label.height) / 2}
        fill="var(--surface)"
        stroke={color}
        {...(pointed && { strokeOpacity: 1, strokeWidth: 2.5 })}
      />
      <text x={x} y={y + drop} {...(label.turned && { transform: `rotate(90 ${x} ${y})`, fontSize: 11 })}>
        {label.text}
      </text>
    </>
  );
}

type Degree = { incoming: number; outgoing: number };

function degreesOf(edges: GraphEdge[]): Map<string, Degree> {
  const degrees = new Map<string, Degree>();
  const count = (id: string, way: keyof Degree) => {
    const known = degrees.get(id) ?? { incoming: 0, outgoing: 0 };
    known[way] += 1;
    degrees.set(id, known);
  };
  for (const edge of edges) {
    count(edge.target, "incoming");
    count(edge.source, "outgoing");
  }
  return degrees;
}

function nodeName(node: GraphNode, degree: Degree = { incoming: 0, outgoing: 0 }): string {
  const parts = [`${KINDS[node.type].name} ${node.label}`];
  if (node.records != null) parts.push(text.recordCount(node.records));
  if (node.fields.length > 0) parts.push(text.fieldCount(node.fields.length));
  parts.push(text.inAndOut(degree.incoming, degree.outgoing));
  return parts.join(", ");
}

export const ColumnNames = memo(function ColumnNames({ layout }: { layout: Layout }) {
  if (layout.orientation === "vertical") return null;
  return (
    <g fill="var(--faint)" fontSize={12} fontWeight={600}>
      {layout.columns.map((column) => {
        const first = layout.nodes.find((placed) => placed.node.layer === column.index);
        const last = column.from === layout.columns.length - 1;
        return (
          <text key={column.index} x={last ? layout.width : column.at} y={10} textAnchor={last ? "end" : "start"}>
            {first ? KINDS[first.node.type].column : ""}
          </text>
        );
      })}
    </g>
  );
});

/** Gradients span the whole gap between two columns, so that all links of a kind change colour together. */
export const Gradients = memo(function Gradients({ layout, prefix }: { layout: Layout; prefix: string }) {
  const between = (to: string, from: string) => {
    const start = layout.nodes.find(
      (placed) => KINDS[placed.node.type].color === from && placed.node.type !== "source_parent",
    );
    const end = layout.nodes.find((placed) => KINDS[placed.node.type].color === to);
    const [a, b] = layout.orientation === "horizontal" ? [start?.x1, end?.x0] : [start?.y1, end?.y0];
    return { a: a ?? 0, b: b ?? 1 };
  };
  return (
    <defs>
      {[
        { id: "map", from: "var(--source)", to: "var(--ontology)" },
        { id: "use", from: "var(--ontology)", to: "var(--agent)" },
      ].map(({ id, from, to }) => {
        const { a, b } = between(to, from);
        const along =
          layout.orientation === "horizontal" ? { x1: a, x2: b, y1: 0, y2: 0 } : { y1: a, y2: b, x1: 0, x2: 0 };
        return (
          <linearGradient key={id} id={`${prefix}-${id}`} gradientUnits="userSpaceOnUse" {...along}>
            <stop offset="0" stopColor={from} />
            <stop offset="1" stopColor={to} />
          </linearGradient>
        );
      })}
    </defs>
  );
});
