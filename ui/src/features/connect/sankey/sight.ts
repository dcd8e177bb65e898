// What of a large picture is drawn: what is in sight, and as much again on each side, so that moving and zooming find it there. Pure; the hook
// that follows the frame is useSight.ts. All in the units of the drawing.
import type { Box, Layout, PlacedNode } from "./layout";

/** So much of what is in sight is at least drawn beyond it before more is. */
const LEAST_MARGIN = 0.25;
/** More than so many times as much as is in sight is too much to be kept. */
const EXTENT_MAX = 8;

/** Widens what is in sight by its own size on each side. */
export function widened({ x0, y0, x1, y1 }: Box): Box {
  const [wide, high] = [x1 - x0, y1 - y0];
  return { x0: x0 - wide, y0: y0 - high, x1: x1 + wide, y1: y1 + high };
}

/** Tells whether what is drawn covers what is in sight, and not far more than that. */
export function suffices(drawn: Box, seen: Box): boolean {
  const [wide, high] = [seen.x1 - seen.x0, seen.y1 - seen.y0];
  const [x, y] = [wide * LEAST_MARGIN, high * LEAST_MARGIN];
  const covers =
    drawn.x0 <= seen.x0 - x && drawn.y0 <= seen.y0 - y && drawn.x1 >= seen.x1 + x && drawn.y1 >= seen.y1 + y;
  return covers && drawn.x1 - drawn.x0 <= EXTENT_MAX * wide && drawn.y1 - drawn.y0 <= EXTENT_MAX * high;
}

/** Chooses the nodes and links that have a part in what is to be drawn; `held` is drawn wherever it is, because the focus is on it. */
export function inSight(layout: Layout, part: Box | null, held: string | null): Pick<Layout, "nodes" | "links"> {
  if (part === null) return layout;
  return {
    nodes: layout.nodes.filter((placed) => placed.node.id === held || meets(boxOf(placed), part, 0)),
    links: layout.links.filter((link) => meets(link.box, part, link.width / 2)),
  };
}

/** A node with its label. */
function boxOf({ x0, y0, x1, y1, label }: PlacedNode): Box {
  return {
    x0: Math.min(x0, label.x),
    y0: Math.min(y0, label.y),
    x1: Math.max(x1, label.x + label.width),
    y1: Math.max(y1, label.y + label.height),
  };
}

function meets(a: Box, b: Box, margin: number): boolean {
  return a.x0 - margin <= b.x1 && a.x1 + margin >= b.x0 && a.y0 - margin <= b.y1 && a.y1 + margin >= b.y0;
}
