import { expect, it } from "vitest";
import { graphOf } from "@/test/graph";
import { layoutGraph } from "./layout";
import { inSight, suffices, widened } from "./sight";

const seen = { x0: 0, y0: 1000, x1: 1200, y1: 1800 };

it("draws as much again on each side, and goes on with that until it comes near an edge", () => {
  const drawn = widened(seen);
  expect(drawn).toEqual({ x0: -1200, y0: 200, x1: 2400, y1: 2600 });
  expect(suffices(drawn, seen)).toBe(true);
  expect(suffices(drawn, { ...seen, y0: 1500, y1: 2300 })).toBe(true);
  expect(suffices(drawn, { ...seen, y0: 1700, y1: 2500 })).toBe(false);
});

it("does not go on with far more than is in sight", () => {
  expect(suffices(widened(seen), { x0: 500, y0: 1300, x1: 620, y1: 1380 })).toBe(false);
});

it("chooses what has a part in sight, and what the focus is on wherever it is", () => {
  const { nodes, edges } = graphOf(400);
  const layout = layoutGraph(nodes, edges, 1200);
  const far = layout.nodes.findLast(({ node }) => node.layer === 1)?.node.id ?? "";
  const part = { x0: 0, y0: 0, x1: 1200, y1: 800 };
  const shown = inSight(layout, part, far);
  const ids = shown.nodes.map(({ node }) => node.id);
  expect(ids).toContain(far);
  expect(ids.length).toBeGreaterThan(20);
  expect(ids.length).toBeLessThan(120);
  for (const placed of layout.nodes) {
    if (placed.y0 >= 0 && placed.y1 <= 800) expect(ids).toContain(placed.node.id);
  }
  // A link that crosses what is in sight is drawn though both of its ends are outside.
  const crossing = layout.links.filter(({ box }) => box.y0 < 0.5 * layout.height && box.y1 > 0.5 * layout.height);
  const middle = { ...part, y0: 0.5 * layout.height - 1, y1: 0.5 * layout.height + 1 };
  const drawn = new Set(inSight(layout, middle, null).links);
  expect(crossing.length).toBeGreaterThan(0);
  expect(crossing.every((link) => drawn.has(link))).toBe(true);
});

it("draws all of a picture that is not cut", () => {
  const { nodes, edges } = graphOf(3);
  const layout = layoutGraph(nodes, edges, 1200);
  expect(inSight(layout, null, null).nodes).toHaveLength(nodes.length);
});
