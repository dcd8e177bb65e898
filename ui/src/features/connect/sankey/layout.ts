// Where nodes, links and labels go. Pure: takes the graph and a width, returns numbers. The backend's `layer` fixes the
// column of every node; d3-sankey orders and sizes within the columns. Drawing lives in Sankey.tsx.
import { type SankeyLink, type SankeyNode, sankey } from "d3-sankey";
import type { GraphEdge, GraphNode } from "@/api/types";
import { cutText, drawnName, fitText, spreadBoxes, spreadLabels, textWidth } from "./labels";

export type Orientation = "horizontal" | "vertical";
export type Label = { text: string; x: number; y: number; width: number; height: number; turned: boolean };
export type PlacedNode = { node: GraphNode; x0: number; y0: number; x1: number; y1: number; label: Label };
export type PlacedLink = { edge: GraphEdge; source: string; target: string; path: string; width: number; box: Box };
/** What a link keeps to, without its width. */
export type Box = { x0: number; y0: number; x1: number; y1: number };
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
const LABEL_WIDTH_MAX = 190;
const ROW_HEIGHT = 31;
const HEIGHT_MIN = 260;
const TURNED_SLOT_MIN = 14;
const TURNED_SLOT_MAX = 17;
const TURNED_CHARS_MAX = 15;
const COLUMN_GAP_VERTICAL = 178;
const TURNED_LENGTH_MAX = 150;
const HEADER = 30;
const MARGIN_VERTICAL = 4;
/** From more nodes than this on, a picture is large: laid out away from the page, and with less sorting. */
export const LARGE_NODES = 300;
const ITERATIONS_OF_LARGE = 3;
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

function outflows(edges: GraphEdge[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const edge of edges) sums.set(edge.source, (sums.get(edge.source) ?? 0) + edge.value);
  return sums;
}

function runSankey(nodes: GraphNode[], edges: GraphEdge[], layers: number[], frame: Frame) {
  const passedOn = outflows(edges);
  // A source gives its table as much as the table passes on.
  const carried = (edge: GraphEdge) =>
    edge.type === "hierarchy" ? Math.max(edge.value, passedOn.get(edge.target) ?? 0) : edge.value;
  const thickest = edges.reduce((most, edge) => Math.max(most, carried(edge)), 1);
  const drawing = sankey<{ node: GraphNode }, { edge: GraphEdge }>()
    .nodeId((flow) => flow.node.id)
    .nodeAlign((flow) => layers.indexOf(flow.node.layer))
    .nodeWidth(NODE_THICKNESS)
    .nodePadding(frame.padding)
    .extent([
      [0, 0],
      [layers.length * 100, frame.along],
    ]);
  const graph = {
    nodes: nodes.map((node) => ({ node })),
    links: edges.map((edge) => ({
      source: edge.source,
      target: edge.target,
      value: Math.max(carried(edge), thickest * THINNEST_SHARE),
      edge,
    })),
  };
  if (nodes.length <= LARGE_NODES) return drawing(graph);
  // d3-sankey sorts all links of a node once for each of its neighbours; of hundreds that takes most of the time. Once at the end is enough.
  const flow = drawing.linkSort(null).iterations(ITERATIONS_OF_LARGE)(graph);
  for (const node of flow.nodes) {
    node.sourceLinks?.sort((a, b) => endOf(a.target) - endOf(b.target));
    node.targetLinks?.sort((a, b) => endOf(a.source) - endOf(b.source));
  }
  return drawing.update(flow);
}

function endOf(end: FlowLink["source"]): number {
  return (end as FlowNode).y0 ?? 0;
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
  const columnsOf = layers.map((layer) =>
    placed.filter((member) => member.node.layer === layer).sort((a, b) => a.along0 - b.along0),
  );
  const rooms = roomsFor(columnsOf, frame);
  const nodes = columnsOf.flatMap((members, column) =>
    frame.orientation === "horizontal"
      ? placeRow(members, column, frame, layers.length, rooms[column] ?? 0)
      : placeTurned(members, column, frame),
  );
  const columnOf = (node: GraphNode) => layers.indexOf(node.layer);
  const links = flow.links.map((link) => placeLink(link, frame, columnOf)).sort((a, b) => b.width - a.width);
  const columns = layers.map((index, column) => ({ index, at: frame.starts[column] ?? 0, from: column }));
  const { orientation, width } = frame;
  const lowest = nodes.reduce((low, placed) => Math.max(low, placed.label.y + placed.label.height), 0);
  const height = Math.max(frame.height, Math.ceil(lowest) + MARGIN_VERTICAL);
  return { orientation, width, height, nodes, links, columns };
}

/** How wide the labels of each column may be. Those of the last one stand before it, in the gap where those of the one before it stand as well. */
function roomsFor(columns: Placed[][], frame: Frame): number[] {
  const gap = columns.length > 1 ? (frame.starts[1] ?? 0) - NODE_THICKNESS - 3 * LABEL_GAP : frame.width;
  const last = columns.at(-1) ?? [];
  const widest = last.reduce((most, member) => Math.max(most, textWidth(drawnName(member.node))), 0);
  const shared = columns.length > 1 ? Math.min(widest, gap / 2) : gap;
  return columns.map((_, column) => {
    const behind = columns.length - 1 - column;
    const room = behind === 0 ? shared : behind === 1 ? gap - shared : gap;
    return Math.min(room, LABEL_WIDTH_MAX);
  });
}

function placeRow(members: Placed[], column: number, frame: Frame, columns: number, room: number): PlacedNode[] {
  const start = frame.starts[column] ?? 0;
  const last = column === columns - 1;
  const centres = spreadLabels(members.map(centre), LABEL_HEIGHT + 2, LABEL_HEIGHT / 2, frame.along - LABEL_HEIGHT / 2);
  return members.map((member, index) => {
    const text = fitText(drawnName(member.node), room);
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
  const widths = members.map((member) => textWidth(drawnName(member.node)));
  const turned = widths.reduce((sum, width) => sum + width + LABEL_GAP, 0) > frame.along;
  const centres = turned
    ? spreadLabels(members.map(centre), frame.slot, frame.slot / 2, frame.along - frame.slot / 2)
    : spreadBoxes(members.map(centre), widths, LABEL_GAP, frame.along);
  return members.map((member, index) => {
    const text = turned
      ? fitText(cutText(drawnName(member.node), TURNED_CHARS_MAX), TURNED_LENGTH_MAX)
      : drawnName(member.node);
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
  const across = frame.orientation === "horizontal";
  // A straight stroke has no height, and a gradient needs some; a hair's breadth of slope gives it one.
  const path = across
    ? `M${start},${HEADER + a}C${middle},${HEADER + a} ${middle},${HEADER + b} ${end},${HEADER + b + 0.01}`
    : `M${a},${start}C${a},${middle} ${b},${middle} ${b + 0.01},${end}`;
  const [least, most] = a < b ? [a, b] : [b, a];
  const box = across
    ? { x0: start, y0: HEADER + least, x1: end, y1: HEADER + most }
    : { x0: least, y0: start, x1: most, y1: end };
  return { edge: link.edge, source: from.id, target: to.id, path, width: Math.max(1.5, link.width ?? 0), box };
}

const centre = (member: Placed) => (member.along0 + member.along1) / 2;
