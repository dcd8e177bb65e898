import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { edge, node, stateOf } from "@/test/graph";
import { Sankey } from "./Sankey";
import { traceNode } from "./trace";

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

function setUp() {
  const onOpen = vi.fn();
  render(<Sankey state={stateOf(nodes, edges)} width={900} pointed={null} onPoint={() => {}} onOpen={onOpen} />);
  return { onOpen, user: userEvent.setup() };
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
