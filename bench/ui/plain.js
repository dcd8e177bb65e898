// The peer: the same graph by d3-sankey alone, as one would write it on a first afternoon. No state, no hover, no labels that make room.
import { sankey, sankeyLinkHorizontal } from "d3-sankey";

window.drawPlain = (graph, width) => {
  const index = new Map(graph.nodes.map((node, at) => [node.id, at]));
  const layout = sankey()
    .nodeWidth(8)
    .nodePadding(6)
    .extent([
      [0, 0],
      [width, Math.max(500, graph.nodes.length * 8)],
    ]);
  const { nodes, links } = layout({
    nodes: graph.nodes.map((node) => ({ ...node })),
    links: graph.edges.map((edge) => ({
      source: index.get(edge.source),
      target: index.get(edge.target),
      value: edge.value,
    })),
  });
  const path = sankeyLinkHorizontal();
  const draw = (name, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) element.textContent = text;
    return element;
  };
  const svg = draw("svg", { width, height: Math.max(500, graph.nodes.length * 8) });
  for (const link of links) {
    svg.append(
      draw("path", {
        d: path(link),
        fill: "none",
        stroke: "#999",
        "stroke-opacity": 0.4,
        "stroke-width": Math.max(1, link.width),
      }),
    );
  }
  for (const { x0, x1, y0, y1, label } of nodes) {
    svg.append(draw("rect", { x: x0, y: y0, width: x1 - x0, height: y1 - y0, fill: "#3a7" }));
    svg.append(draw("text", { x: x1 + 4, y: (y0 + y1) / 2, "font-size": 11 }, label));
  }
  document.body.replaceChildren(svg);
};
