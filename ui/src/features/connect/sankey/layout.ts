// Where nodes, links and labels go. Pure: takes the graph and a width, returns numbers. The backend's `layer` fixes the
// column of every node; d3-sankey orders and sizes within the columns. Drawing lives in Sankey.tsx.
import { type SankeyLink, type SankeyNode, sankey } from "d3-sankey";
import type { GraphEdge, GraphNode } from "@/api/types";

export type Orientation = "horizontal" | "vertical";
export type Label = { text: string; x: number; y: number; width: number; height: number; turned: boolean };
export type PlacedNode = { node: GraphNode; x0: number; y0: number; x1: number; y1: number; label: Label };
export type PlacedLink = { edge: GraphEdge; source: string; target: string; path: string; width: number };
export type Layout = {
  orientation: Orientation;
  width: number;
  height: number;
  nodes: PlacedNode[];
  links: PlacedLink[];
  columns: { index: number; at: number; from: number }[];
  unconnected: GraphNode[];
};

const NODE_THICKNESS = 8;
const NODE_PADDING = 20;
const VERTICAL_BELOW_WIDTH = 640;
const LABEL_HEIGHT = 20;
const LABEL_GAP = 6;
const LABEL_PAD = 16;
const ROW_HEIGHT = 31;
const HEIGHT_MIN = 420;
const TURNED_SLOT_MIN = 14;
const TURNED_SLOT_MAX = 17;
const TURNED_CHARS_MAX = 15;
const COLUMN_GAP_VERTICAL = 178;
const HEADER = 30;
const MARGIN_VERTICAL = 4;
// A link thinner than this share of the thickest could neither be seen nor hit.
const THINNEST_SHARE = 1 / 16;

type FlowNode = SankeyNode<{ node: GraphNode }, { edge: GraphEdge }>;
type FlowLink = SankeyLink<{ node: GraphNode }, { edge: GraphEdge }>;
type Placed = { node: GraphNode; along0: number; along1: number; flow: FlowNode };

export function orientationFor(width: number): Orientation {
  return width < VERTICAL_BELOW_WIDTH ? "vertical" : "horizontal";
}

export function layoutGraph(nodes: GraphNode[], edges: GraphEdge[], width: number): Layout {
  const orientation = orientationFor(width);
  const ids = new Set(nodes.map((node) => node.id));
  const drawn = edges.filter((edge) => edge.type !== "join" && ids.has(edge.source) && ids.has(edge.target));
  const touched = new Set(drawn.flatMap((edge) => [edge.source, edge.target]));
  const connected = nodes.filter((node) => touched.has(node.id));
  const unconnected = nodes.filter((node) => !touched.has(node.id));
  const layers = [...new Set(connected.map((node) => node.layer))].sort((a, b) => a - b);
  if (connected.length === 0) {
    return { orientation, width, height: 0, nodes: [], links: [], columns: [], unconnected };
  }
  const counts = layers.map((layer) => connected.filter((node) => node.layer === layer).length);
  const frame = frameFor(orientation, width, Math.max(...counts), layers.length);
  const flow = runSankey(connected, drawn, layers, frame);
  return { ...place(flow, layers, frame), unconnected };
}

type Frame = {
  orientation: Orientation;
  width: number;
  height: number;
  along: number;
  padding: number;
  slot: number;
  starts: number[];
};

/** Sizes the drawing so that the fullest column keeps its padding; columns start at `starts`, across the flow. */
function frameFor(orientation: Orientation, width: number, fullest: number, columns: number): Frame {
  if (orientation === "horizontal") {
    const height = Math.max(HEIGHT_MIN, fullest * ROW_HEIGHT) + HEADER;
    const step = columns > 1 ? (width - NODE_THICKNESS) / (columns - 1) : 0;
    const starts = Array.from({ length: columns }, (_, column) => column * step);
    return { orientation, width, height, along: height - HEADER, padding: NODE_PADDING, slot: LABEL_HEIGHT, starts };
  }
  const slot = Math.min(TURNED_SLOT_MAX, Math.max(TURNED_SLOT_MIN, width / fullest));
  const along = Math.max(width, fullest * slot);
  const padding = Math.min(NODE_PADDING, (0.62 * along) / fullest);
  const starts = Array.from({ length: columns }, (_, column) => MARGIN_VERTICAL + column * COLUMN_GAP_VERTICAL);
  return { orientation, width: along, height: 0, along, padding, slot, starts };
}

/** A source gives its table as much as the table passes on. */
function outflow(edges: GraphEdge[], table: string): number {
  return edges.reduce((sum, edge) => (edge.source === table ? sum + edge.value : sum), 0);
}

function runSankey(nodes: GraphNode[], edges: GraphEdge[], layers: number[], frame: Frame) {
  const carried = (edge: GraphEdge) =>
    edge.type === "hierarchy" ? Math.max(edge.value, outflow(edges, edge.target)) : edge.value;
  const thickest = Math.max(...edges.map(carried), 1);
  const layout = sankey<{ node: GraphNode }, { edge: GraphEdge }>()
    .nodeId((flow) => flow.node.id)
    .nodeAlign((flow) => layers.indexOf(flow.node.layer))
    .nodeWidth(NODE_THICKNESS)
    .nodePadding(frame.padding)
    .extent([
      [0, 0],
      [layers.length * 100, frame.along],
    ]);
  return layout({
    nodes: nodes.map((node) => ({ node })),
    links: edges.map((edge) => ({
      source: edge.source,
      target: edge.target,
      value: Math.max(carried(edge), thickest * THINNEST_SHARE),
      edge,
    })),
  });
}

function place(
  flow: { nodes: FlowNode[]; links: FlowLink[] },
  layers: number[],
  frame: Frame,
): Omit<Layout, "unconnected"> {
  const placed = flow.nodes.map((node) => ({
    node: node.node,
    along0: node.y0 ?? 0,
    along1: node.y1 ?? 0,
    flow: node,
  }));
  const nodes = layers.flatMap((layer, column) => {
    const members = placed.filter((member) => member.node.layer === layer).sort((a, b) => a.along0 - b.along0);
    return frame.orientation === "horizontal"
      ? placeRow(members, column, frame, layers.length)
      : placeTurned(members, column, frame);
  });
  const columnOf = (node: GraphNode) => layers.indexOf(node.layer);
  const links = flow.links.map((link) => placeLink(link, frame, columnOf)).sort((a, b) => b.width - a.width);
  const columns = layers.map((index, column) => ({ index, at: frame.starts[column] ?? 0, from: column }));
  const { orientation, width } = frame;
  const lowest = Math.max(...nodes.map((placed) => placed.label.y + placed.label.height));
  const height = Math.max(frame.height, Math.ceil(lowest) + MARGIN_VERTICAL);
  return { orientation, width, height, nodes, links, columns };
}

function placeRow(members: Placed[], column: number, frame: Frame, columns: number): PlacedNode[] {
  const start = frame.starts[column] ?? 0;
  const last = column === columns - 1;
  const room = columns > 1 ? (frame.starts[1] ?? 0) - NODE_THICKNESS - 3 * LABEL_GAP : frame.width;
  const centres = spreadLabels(members.map(centre), LABEL_HEIGHT + 2, LABEL_HEIGHT / 2, frame.along - LABEL_HEIGHT / 2);
  return members.map((member, index) => {
    const text = fitText(member.node.label, Math.min(room, 190));
    const width = textWidth(text);
    const x = last ? start - LABEL_GAP - width : start + NODE_THICKNESS + LABEL_GAP;
    const y = HEADER + (centres[index] ?? 0) - LABEL_HEIGHT / 2;
    return {
      node: member.node,
      x0: start,
      x1: start + NODE_THICKNESS,
      y0: HEADER + member.along0,
      y1: HEADER + member.along1,
      label: { text, x, y, width, height: LABEL_HEIGHT, turned: false },
    };
  });
}

function placeTurned(members: Placed[], column: number, frame: Frame): PlacedNode[] {
  const start = frame.starts[column] ?? 0;
  const widths = members.map((member) => textWidth(member.node.label));
  const turned = widths.reduce((sum, width) => sum + width + LABEL_GAP, 0) > frame.along;
  const centres = turned
    ? spreadLabels(members.map(centre), frame.slot, frame.slot / 2, frame.along - frame.slot / 2)
    : spreadBoxes(members.map(centre), widths, LABEL_GAP, frame.along);
  return members.map((member, index) => {
    const text = turned ? cut(member.node.label, TURNED_CHARS_MAX) : member.node.label;
    const middle = centres[index] ?? 0;
    const top = start + NODE_THICKNESS + LABEL_GAP;
    const label = turned
      ? { text, x: middle - frame.slot / 2 + 0.5, y: top, width: frame.slot - 1, height: textWidth(text) - 2, turned }
      : { text, x: middle - textWidth(text) / 2, y: top, width: textWidth(text), height: LABEL_HEIGHT, turned };
    return { node: member.node, x0: member.along0, x1: member.along1, y0: start, y1: start + NODE_THICKNESS, label };
  });
}

function placeLink(link: FlowLink, frame: Frame, columnOf: (node: GraphNode) => number): PlacedLink {
  const from = (link.source as FlowNode).node;
  const to = (link.target as FlowNode).node;
  const start = (frame.starts[columnOf(from)] ?? 0) + NODE_THICKNESS;
  const end = frame.starts[columnOf(to)] ?? 0;
  const middle = (start + end) / 2;
  const a = link.y0 ?? 0;
  const b = link.y1 ?? 0;
  // A straight stroke has no height, and a gradient needs some; a hair's breadth of slope gives it one.
  const path =
    frame.orientation === "horizontal"
      ? `M${start},${HEADER + a}C${middle},${HEADER + a} ${middle},${HEADER + b} ${end},${HEADER + b + 0.01}`
      : `M${a},${start}C${a},${middle} ${b},${middle} ${b + 0.01},${end}`;
  return { edge: link.edge, source: from.id, target: to.id, path, width: Math.max(1.5, link.width ?? 0) };
}

const centre = (member: Placed) => (member.along0 + member.along1) / 2;

/** Moves sorted centres apart until neighbours are `gap` away from each other, staying between `min` and `max`. */
export function spreadLabels(centres: number[], gap: number, min: number, max: number): number[] {
  return spreadBoxes(
    centres.map((value) => value - min + gap / 2),
    centres.map(() => gap),
    0,
    max - min + gap,
  ).map((value) => value + min - gap / 2);
}

/** The same for boxes of different widths, kept inside [0, length]. */
export function spreadBoxes(centres: number[], widths: number[], gap: number, length: number): number[] {
  const placed = [...centres];
  let edge = 0;
  for (let i = 0; i < placed.length; i += 1) {
    const half = (widths[i] ?? 0) / 2;
    placed[i] = Math.max(placed[i] ?? 0, edge + half);
    edge = (placed[i] ?? 0) + half + gap;
  }
  edge = length;
  for (let i = placed.length - 1; i >= 0; i -= 1) {
    const half = (widths[i] ?? 0) / 2;
    placed[i] = Math.min(placed[i] ?? 0, edge - half);
    edge = (placed[i] ?? 0) - half - gap;
  }
  return placed;
}

/** Estimates how wide a label is drawn; a real measurement would tie the layout to a browser. */
export function textWidth(text: string): number {
  let width = LABEL_PAD;
  for (const sign of text) width += signWidth(sign);
  return Math.ceil(width);
}

function signWidth(sign: string): number {
  if ("iljtfr.,:;|'!()[] I1".includes(sign)) return 4.3;
  if ("mwMW@%".includes(sign)) return 10.5;
  return sign !== sign.toLowerCase() ? 8.4 : 7;
}

function fitText(text: string, room: number): string {
  let fitted = text;
  while (fitted.length > 4 && textWidth(fitted) > room) fitted = cut(text, fitted.length - 1);
  return fitted;
}

function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 1)}…`;
}
