import { describe, expect, it } from "vitest";
import { edge, graphOf, node } from "@/test/graph";
import { fitText, spreadLabels, textWidth } from "./labels";
import { type Label, type Layout, layoutGraph } from "./layout";

function overlaps(a: Label, b: Label): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function collisions(layout: Layout): string[] {
  const labels = layout.nodes.map((placed) => placed.label);
  return labels.flatMap((label, i) =>
    labels.slice(i + 1).flatMap((other) => (overlaps(label, other) ? [`${label.text} / ${other.text}`] : [])),
  );
}

describe.each([360, 639, 640, 900, 1400])("at a width of %i", (width) => {
  it.each([1, 4, 12, 40])("labels of %i sources do not collide", (sources) => {
    const { nodes, edges } = graphOf(sources);
    expect(collisions(layoutGraph(nodes, edges, width))).toEqual([]);
  });

  it.each(["x".repeat(500), "شركة ".repeat(100), "🚀".repeat(250)])(
    "labels as long as %.4s… do not collide",
    (name) => {
      const { nodes, edges } = graphOf(9);
      const named = nodes.map((one) => ({ ...one, label: name }));
      expect(collisions(layoutGraph(named, edges, width))).toEqual([]);
    },
  );

  it("everything lies inside the drawing", () => {
    const { nodes, edges } = graphOf(11);
    const layout = layoutGraph(nodes, edges, width);
    for (const { label, x0, x1, y0, y1 } of layout.nodes) {
      expect(Math.min(x0, y0, label.x, label.y)).toBeGreaterThanOrEqual(0);
      expect(Math.max(x1, label.x + label.width)).toBeLessThanOrEqual(layout.width + 0.5);
      expect(Math.max(y1, label.y + label.height)).toBeLessThanOrEqual(layout.height + 0.5);
    }
  });
});

describe("the picture", () => {
  it("flows across on wide places and down on narrow ones", () => {
    const { nodes, edges } = graphOf(3);
    expect(layoutGraph(nodes, edges, 640).orientation).toBe("horizontal");
    expect(layoutGraph(nodes, edges, 639).orientation).toBe("vertical");
  });

  it("puts each node into the column that the backend gave", () => {
    // Nothing feeds e9, so its depth is 0; the backend still says layer 2.
    const { nodes, edges } = graphOf(2);
    const layout = layoutGraph([...nodes, node("e9", 2)], [...edges, edge("e9", "a1")], 1000);
    const at = (id: string) => layout.nodes.find((placed) => placed.node.id === id)?.x0;
    expect(at("e9")).toBe(at("e0"));
    expect(new Set(layout.nodes.map((placed) => placed.x0)).size).toBe(4);
  });

  it("draws nodes 8 pixels wide", () => {
    const { nodes, edges } = graphOf(3);
    for (const placed of layoutGraph(nodes, edges, 1000).nodes) expect(placed.x1 - placed.x0).toBe(8);
    for (const placed of layoutGraph(nodes, edges, 400).nodes) expect(placed.y1 - placed.y0).toBe(8);
  });

  it("keeps 20 pixels between nodes of a column", () => {
    const { nodes, edges } = graphOf(12);
    const tables = layoutGraph(nodes, edges, 1200)
      .nodes.filter((placed) => placed.node.layer === 1)
      .sort((a, b) => a.y0 - b.y0);
    for (const [index, placed] of tables.entries()) {
      const next = tables[index + 1];
      if (next) expect(next.y0 - placed.y1).toBeGreaterThanOrEqual(19.99);
    }
  });

  it("sets nodes without a link aside instead of guessing a place", () => {
    const layout = layoutGraph([node("s", 0), node("t", 1), node("alone", 3)], [edge("s", "t")], 800);
    expect(layout.unconnected.map((unconnected) => unconnected.id)).toEqual(["alone"]);
    expect(layout.nodes).toHaveLength(2);
  });

  it("leaves out joins and links to nodes that are not there", () => {
    const join = { ...edge("t", "u"), type: "join" as const };
    const layout = layoutGraph(
      [node("s", 0), node("t", 1), node("u", 1)],
      [edge("s", "t"), join, edge("s", "gone")],
      800,
    );
    expect(layout.links.map((link) => link.edge.id)).toEqual(["s>t"]);
  });

  it("keeps the thinnest link visible beside a million times thicker one", () => {
    const nodes = [node("s", 0), node("t", 1), node("u", 1)];
    const layout = layoutGraph(nodes, [edge("s", "t", 1_000_000), edge("s", "u", 1)], 800);
    expect(Math.min(...layout.links.map((link) => link.width))).toBeGreaterThanOrEqual(1.5);
  });

  it("keeps links of a large picture in the order of what they lead to, so that they cross no more than they must", () => {
    const { nodes, edges } = graphOf(200);
    const layout = layoutGraph(nodes, edges, 1200);
    expect(layout.nodes).toHaveLength(nodes.length);
    const top = new Map(layout.nodes.map((placed) => [placed.node.id, placed.y0]));
    const into = layout.links.filter((link) => link.target === "e0");
    const endOf = (path: string) => Number(path.split(",").at(-1));
    const byStart = [...into]
      .sort((a, b) => (top.get(a.source) ?? 0) - (top.get(b.source) ?? 0))
      .map((link) => endOf(link.path));
    expect(byStart).toEqual([...byStart].sort((a, b) => a - b));
  });

  it("survives an empty graph", () => {
    expect(layoutGraph([], [], 800).nodes).toEqual([]);
  });
});

it("spreads labels by no more than is needed", () => {
  expect(spreadLabels([10, 50, 52], 20, 0, 100)).toEqual([10, 50, 70]);
  expect(spreadLabels([95, 99], 20, 0, 100)).toEqual([80, 100]);
});

it.each(["x".repeat(500), "شركة ".repeat(100), "🚀".repeat(250), "漢字".repeat(250)])(
  "cuts a long label to its room, sign by sign",
  (name) => {
    const fitted = fitText(name, 190);
    expect(textWidth(fitted)).toBeLessThanOrEqual(190);
    expect(fitted.length).toBeGreaterThan(10);
    expect([...fitted].every((sign) => sign === "…" || name.includes(sign))).toBe(true);
  },
);

it("leaves a label alone that fits", () => {
  expect(fitText("Opportunity", 190)).toBe("Opportunity");
});
