// Draws the picture as SVG: links, nodes and labels that can be pointed at, tabbed to and walked with the arrow keys.
// Positions come from layout.ts; what a selection means is the caller's.
import { clsx } from "clsx";
import { type KeyboardEvent, useId, useMemo, useRef } from "react";
import type { GraphEdge, GraphNode, GraphState } from "@/api/types";
import { plural } from "@/lib/format";
import { text } from "@/text/connect";
import { confidenceBand } from "@/ui/Confidence";
import { KINDS } from "./kinds";
import { type Layout, layoutGraph, type PlacedLink, type PlacedNode } from "./layout";
import { nodeInDirection, traceEdge, traceNode } from "./trace";

export type Pointed = { kind: "node"; node: GraphNode } | { kind: "edge"; edge: GraphEdge } | null;

type Props = {
  state: GraphState;
  width: number;
  pointed: Pointed;
  onPoint: (pointed: Pointed) => void;
  onOpen: (nodeId: string) => void;
};

export function Sankey({ state, width, pointed, onPoint, onOpen }: Props) {
  const { nodes, edges } = state;
  const layout = useMemo(() => layoutGraph(nodes, edges, width), [nodes, edges, width]);
  const trace = useMemo(() => {
    if (!pointed) return null;
    return pointed.kind === "node" ? traceNode(edges, pointed.node.id) : traceEdge(pointed.edge);
  }, [pointed, edges]);
  const svg = useRef<SVGSVGElement>(null);
  const gradients = useId().replaceAll(":", "");

  const walk = (event: KeyboardEvent, id: string) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onOpen(id);
      return;
    }
    const next = nodeInDirection(layout, id, event.key);
    if (!next) return;
    event.preventDefault();
    svg.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(next)}"]`)?.focus();
  };

  return (
    <svg
      ref={svg}
      role="group"
      aria-label={text.pictureOfFromSourcesToAgents(plural(nodes.length, "node"))}
      width={layout.width}
      height={layout.height}
      className="block select-none"
      onPointerLeave={() => onPoint(null)}
    >
      <Gradients layout={layout} prefix={gradients} />
      <ColumnNames layout={layout} />
      <g fill="none">
        {layout.links.map((link) => (
          <Link
            key={link.edge.id}
            link={link}
            stroke={strokeOf(link, gradients)}
            faded={trace !== null && !trace.edges.has(link.edge.id)}
            lit={trace?.edges.has(link.edge.id) ?? false}
            onPoint={onPoint}
          />
        ))}
      </g>
      {layout.nodes.map((placed) => (
        <Node
          key={placed.node.id}
          placed={placed}
          edges={edges}
          faded={trace !== null && !trace.nodes.has(placed.node.id)}
          onPoint={onPoint}
          onOpen={onOpen}
          onKeyDown={walk}
        />
      ))}
    </svg>
  );
}

/** High confidence runs from colour to colour; doubt takes the colour of doubt. */
function strokeOf(link: PlacedLink, gradients: string): string {
  if (link.edge.type === "hierarchy") return "var(--source)";
  if (link.edge.type === "consumption") return `url(#${gradients}-use)`;
  const band = link.edge.confidence == null ? "high" : confidenceBand(link.edge.confidence);
  if (band === "high") return `url(#${gradients}-map)`;
  return band === "medium" ? "var(--warn)" : "var(--bad)";
}

function restingOpacity(edge: GraphEdge): number {
  if (edge.type === "hierarchy") return 0.2;
  if (edge.type === "consumption" || edge.confidence == null) return 0.32;
  return 0.18 + 0.3 * Math.min(1, Math.max(0, edge.confidence));
}

type LinkProps = {
  link: PlacedLink;
  stroke: string;
  faded: boolean;
  lit: boolean;
  onPoint: (pointed: Pointed) => void;
};

function Link({ link, stroke, faded, lit, onPoint }: LinkProps) {
  const opacity = restingOpacity(link.edge);
  return (
    <path
      data-edge={link.edge.id}
      d={link.path}
      stroke={stroke}
      strokeWidth={link.width}
      strokeOpacity={faded ? opacity * 0.2 : lit ? Math.min(0.85, opacity + 0.3) : opacity}
      className="transition-[stroke-opacity] duration-150"
      onPointerEnter={() => onPoint({ kind: "edge", edge: link.edge })}
    />
  );
}

type NodeProps = {
  placed: PlacedNode;
  edges: GraphEdge[];
  faded: boolean;
  onPoint: (pointed: Pointed) => void;
  onOpen: (nodeId: string) => void;
  onKeyDown: (event: KeyboardEvent, id: string) => void;
};

function Node({ placed, edges, faded, onPoint, onOpen, onKeyDown }: NodeProps) {
  const { node, label } = placed;
  const color = KINDS[node.type].color;
  const point = () => onPoint({ kind: "node", node });
  return (
    <g
      role="button"
      tabIndex={0}
      data-node={node.id}
      data-layer={node.layer}
      aria-label={nodeName(node, edges)}
      className={clsx("group cursor-pointer outline-none transition-opacity duration-150", faded && "opacity-25")}
      onPointerEnter={point}
      onFocus={point}
      onBlur={() => onPoint(null)}
      onClick={() => onOpen(node.id)}
      onKeyDown={(event) => onKeyDown(event, node.id)}
    >
      <rect
        x={placed.x0}
        y={placed.y0}
        width={Math.max(2, placed.x1 - placed.x0)}
        height={Math.max(2, placed.y1 - placed.y0)}
        rx={2.5}
        fill={color}
      />
      <rect
        x={label.x}
        y={label.y}
        width={label.width}
        height={label.height}
        rx={Math.min(label.width, label.height) / 2}
        fill="var(--surface)"
        fillOpacity={0.92}
        stroke={color}
        strokeOpacity={0.45}
        className="group-hover:[stroke-opacity:1] group-focus-visible:[stroke-opacity:1] group-focus-visible:[stroke-width:2.5px]"
      />
      <LabelText placed={placed} />
    </g>
  );
}

function LabelText({ placed }: { placed: PlacedNode }) {
  const { label } = placed;
  const x = label.x + label.width / 2;
  const y = label.y + label.height / 2;
  return (
    <text
      x={x}
      y={y}
      textAnchor="middle"
      dominantBaseline="central"
      transform={label.turned ? `rotate(90 ${x} ${y})` : undefined}
      fill="var(--ink)"
      className={label.turned ? "text-[11px] font-semibold" : "text-xs font-semibold"}
    >
      {label.text}
    </text>
  );
}

function nodeName(node: GraphNode, edges: GraphEdge[]): string {
  const parts = [`${KINDS[node.type].name} ${node.label}`];
  if (node.records != null) parts.push(plural(node.records, "record"));
  if (node.fields.length > 0) parts.push(plural(node.fields.length, "field"));
  const incoming = edges.filter((edge) => edge.target === node.id).length;
  const outgoing = edges.filter((edge) => edge.source === node.id).length;
  parts.push(text.inAndOut(incoming, outgoing));
  return parts.join(", ");
}

function ColumnNames({ layout }: { layout: Layout }) {
  const name = (index: number) => {
    const first = layout.nodes.find((placed) => placed.node.layer === index);
    return first ? KINDS[first.node.type].column : "";
  };
  if (layout.orientation === "vertical") return null;
  return (
    <g fill="var(--faint)" className="text-xs font-semibold">
      {layout.columns.map((column) => (
        <text
          key={column.index}
          x={column.from === layout.columns.length - 1 ? layout.width : column.at}
          y={10}
          textAnchor={column.from === layout.columns.length - 1 ? "end" : "start"}
        >
          {name(column.index)}
        </text>
      ))}
    </g>
  );
}

/** Gradients span the whole gap between two columns, so that all links of a kind change colour together. */
function Gradients({ layout, prefix }: { layout: Layout; prefix: string }) {
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
}
