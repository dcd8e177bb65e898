import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRef } from "react";
import { describe, expect, it, vi } from "vitest";
import { edge, node } from "@/test/graph";
import { layoutGraph } from "./layout";
import { Sankey } from "./Sankey";
import { findNodes, type Trace, traceEdge, traceNode } from "./trace";

const nodes = [
  node("sys_crm", 0, "crm"),
  node("src_crm_acc", 1, "accounts"),
  node("src_crm_opp", 1, "deals"),
  node("dcl_account", 2, "Account"),
  node("dcl_opportunity", 2, "Opportunity"),
];
const edges = [
  edge("sys_crm", "src_crm_acc"),
  edge("sys_crm", "src_crm_opp"),
  edge("src_crm_acc", "dcl_account", 3, 0.95),
  edge("src_crm_opp", "dcl_opportunity", 3, 0.65),
];

function setUp(trace: Trace | null = null) {
  const [onOpen, onPoint, onKey] = [vi.fn(), vi.fn(), vi.fn(() => true)];
  const go = (id: string) => document.querySelector<SVGGElement>(`[data-node="${id}"]`)?.focus();
  render(
    <Sankey
      layout={layoutGraph(nodes, edges, 900)}
      edges={edges}
      trace={trace}
      pointed={null}
      reads={null}
      scale={1}
      part={null}
      held={null}
      svg={createRef()}
      onPoint={onPoint}
      onHold={() => {}}
      onGo={go}
      onOpen={onOpen}
      onKey={onKey}
    />,
  );
  return { onOpen, onPoint, onKey, user: userEvent.setup() };
}

const button = (name: RegExp) => screen.getByRole("button", { name });

describe("the picture by keyboard", () => {
  it("is walked with arrow keys along links and opened with Enter", async () => {
    const { onOpen, user } = setUp();
    await user.tab();
    button(/^Source crm/).focus();
    await user.keyboard("{ArrowRight}");
    expect(document.activeElement).toHaveAttribute("data-layer", "1");
    button(/^Table deals/).focus();
    await user.keyboard("{ArrowRight}");
    expect(button(/^Ontology Opportunity/)).toHaveFocus();
    await user.keyboard("{ArrowLeft}");
    expect(button(/^Table deals/)).toHaveFocus();
    await user.keyboard("{Enter}");
    expect(onOpen).toHaveBeenCalledExactlyOnceWith("src_crm_opp");
  });

  it("moves between neighbours of a column and stops at its ends", async () => {
    const { user } = setUp();
    const tables = [button(/^Table accounts/), button(/^Table deals/)];
    tables.sort(
      (a, b) => Number(a.querySelector("rect")?.getAttribute("y")) - Number(b.querySelector("rect")?.getAttribute("y")),
    );
    tables[0]?.focus();
    await user.keyboard("{ArrowDown}");
    expect(tables[1]).toHaveFocus();
    await user.keyboard("{ArrowDown}");
    expect(tables[1]).toHaveFocus();
  });
});

it("opens a node that is pressed and hands on keys that it does not know", async () => {
  const { onOpen, onKey, user } = setUp();
  await user.click(button(/^Ontology Account/));
  expect(onOpen).toHaveBeenCalledExactlyOnceWith("dcl_account");
  button(/^Ontology Account/).focus();
  await user.keyboard("f");
  expect(onKey).toHaveBeenCalledWith("f", "dcl_account");
});

it("tells what is pointed at, node or link", async () => {
  const { onPoint, user } = setUp();
  await user.hover(button(/^Table deals/));
  expect(onPoint.mock.lastCall?.[0]).toMatchObject({ kind: "node", node: { id: "src_crm_opp" } });
  await user.hover(document.querySelector('[data-edge="src_crm_acc>dcl_account"]') as Element);
  expect(onPoint.mock.lastCall?.[0]).toMatchObject({ kind: "edge", edge: { id: "src_crm_acc>dcl_account" } });
});

it("draws what is followed over the pale rest, where it cannot be pressed twice", () => {
  setUp(traceNode(edges, "src_crm_opp"));
  expect(document.querySelector("[data-whole]")).toHaveAttribute("opacity", "0.22");
  const followed = document.querySelector("[data-passing]");
  expect(followed?.querySelectorAll("path")).toHaveLength(2);
  expect(followed?.querySelectorAll("[data-node]")).toHaveLength(0);
  expect(screen.getAllByRole("button")).toHaveLength(nodes.length);
});

it("says what a node is to a screen reader", () => {
  setUp();
  expect(button(/^Table deals/)).toHaveAccessibleName("Table deals, 1 in, 1 out");
});

it("draws doubt in the colour of doubt", () => {
  setUp();
  expect(document.querySelector('[data-edge="src_crm_opp>dcl_opportunity"]')).toHaveAttribute("stroke", "var(--bad)");
  expect(document.querySelector('[data-edge="src_crm_acc>dcl_account"]')?.getAttribute("stroke")).toMatch(
    /^url\(#.+-map\)$/,
  );
});

it("traces a node up to its source and down to its entity, and no further", () => {
  const trace = traceNode(edges, "src_crm_opp");
  expect([...trace.nodes].sort()).toEqual(["dcl_opportunity", "src_crm_opp", "sys_crm"]);
  expect(trace.edges.has("sys_crm>src_crm_acc")).toBe(false);
});

it("traces a link with everything that flows into it, and no neighbour of its source", () => {
  const trace = traceEdge(edges, edges[2] ?? edge("", ""));
  expect([...trace.nodes].sort()).toEqual(["dcl_account", "src_crm_acc", "sys_crm"]);
});

it("finds nodes by their name and by their fields", () => {
  const withField = { ...node("src_erp_x", 1, "orders"), fields: ["Net_Amount"] };
  expect(findNodes([...nodes, withField], "amount").map(({ id }) => id)).toEqual(["src_erp_x"]);
  expect(findNodes(nodes, "ACCOUNT").map(({ id }) => id)).toEqual(["src_crm_acc", "dcl_account"]);
  expect(findNodes(nodes, "  ")).toEqual([]);
});
