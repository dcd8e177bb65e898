import { screen, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { edge, graphOf, node, stateOf } from "@/test/graph";
import { renderPart } from "@/test/render";
import { GraphPanel } from "./GraphPanel";
import { svgOf } from "./sankey/exportPicture";
import { usePicture } from "./usePicture";

const { nodes, edges } = graphOf(2);
nodes.push({ ...node("src_x_deals", 1, "deals"), fields: ["amt", "stage"] });
edges.push(edge("s0", "src_x_deals"), {
  ...edge("src_x_deals", "e0", 1, 0.6),
  field_mappings: [{ source: "amt", onto_field: "amount", confidence: 0.6 }],
});

const state = stateOf(nodes, edges);

function Panel({ onPreview }: { onPreview: (id: string) => void }) {
  const picture = usePicture(state);
  return <GraphPanel state={state} picture={picture} onPreview={onPreview} />;
}

beforeEach(() => {
  // Nothing has a size in jsdom, so the picture is told one.
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(private readonly tell: (entries: { contentRect: { width: number } }[]) => void) {}
      observe() {
        this.tell([{ contentRect: { width: 900 } }]);
      }
      disconnect() {}
    },
  );
  return () => vi.unstubAllGlobals();
});

const shown = () => [...document.querySelectorAll("[data-node]")].map((part) => part.getAttribute("data-node"));

describe("the picture", () => {
  it("is searched, and Enter goes from find to find", async () => {
    const user = renderPart(<Panel onPreview={() => {}} />);
    await user.type(screen.getByRole("searchbox"), "source number");
    expect(screen.getByText("2 found")).toBeInTheDocument();
    await user.keyboard("{Enter}");
    expect(document.activeElement).toHaveAttribute("data-node", "s0");
    await user.click(screen.getByRole("searchbox"));
    await user.keyboard("{Enter}");
    expect(document.activeElement).toHaveAttribute("data-node", "s1");
  });

  it("opens a table into its columns and closes it again, with the focus where one was", async () => {
    const user = renderPart(<Panel onPreview={() => {}} />);
    (document.querySelector('[data-node="src_x_deals"]') as SVGGElement).focus();
    await user.keyboard("f");
    expect(shown()).toEqual(expect.arrayContaining(["src_x_deals#amt", "src_x_deals#stage"]));
    expect(document.activeElement?.getAttribute("data-node")).toMatch(/^src_x_deals#/);
    await user.keyboard("f");
    expect(shown()).toContain("src_x_deals");
    expect(document.activeElement).toHaveAttribute("data-node", "src_x_deals");
  });

  it("shows only what flows through a node, says so, and takes it back", async () => {
    const user = renderPart(<Panel onPreview={() => {}} />);
    const before = shown().length;
    (document.querySelector('[data-node="src_x_deals"]') as SVGGElement).focus();
    await user.keyboard("o");
    expect(shown()).not.toContain("s1");
    await user.click(screen.getByRole("button", { name: /^Only what flows through deals/ }));
    expect(shown()).toHaveLength(before);
  });

  it("is zoomed by buttons and keys, within bounds", async () => {
    const user = renderPart(<Panel onPreview={() => {}} />);
    const width = () => Number(document.querySelector("svg[role=group]")?.getAttribute("width"));
    const before = width();
    await user.click(screen.getByRole("button", { name: "Larger" }));
    expect(width()).toBe(Math.ceil(before * 1.25));
    for (let step = 0; step < 20; step += 1) await user.click(screen.getByRole("button", { name: "Larger" }));
    expect(width()).toBe(before * 4);
    await user.click(screen.getByRole("button", { name: "Full size" }));
    expect(width()).toBe(before);
  });

  it("is saved whole, in its full size, with the colours in it", async () => {
    const user = renderPart(<Panel onPreview={() => {}} />);
    await user.click(screen.getByRole("button", { name: "Smaller" }));
    const svg = svgOf(document.querySelector("svg[role=group]") as SVGSVGElement);
    const file = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    expect(file.getAttribute("width")).toBe("900");
    expect(file.getAttribute("style")).toContain("--source:");
    expect(file.querySelectorAll("[data-node]")).toHaveLength(nodes.length);
    expect(file.querySelectorAll("[class],[tabindex]")).toHaveLength(0);
  });

  it("is a table as well, with the same search", async () => {
    const onPreview = vi.fn();
    const user = renderPart(<Panel onPreview={onPreview} />);
    await user.click(screen.getByRole("button", { name: "Table" }));
    const table = screen.getByRole("table");
    expect(within(table).getAllByRole("row")).toHaveLength(nodes.length + 1);
    await user.type(screen.getByRole("searchbox"), "stage");
    expect(within(table).getAllByRole("row")).toHaveLength(2);
    await user.click(screen.getByRole("button", { name: "deals" }));
    expect(onPreview).toHaveBeenCalledExactlyOnceWith("src_x_deals");
  });
});

it("a picture of ten thousand sources is not drawn but said, and found in the table", async () => {
  const many = graphOf(10_000);
  const huge = stateOf(many.nodes, many.edges);
  function Huge() {
    const picture = usePicture(huge);
    return <GraphPanel state={huge} picture={picture} onPreview={() => {}} />;
  }
  const user = renderPart(<Huge />);
  expect(shown()).toEqual([]);
  expect(screen.getByText("30,005 nodes are too many to draw at once")).toBeInTheDocument();
  await user.click(screen.getAllByRole("button", { name: "Table" })[0] as HTMLElement);
  expect(screen.getAllByRole("row")).toHaveLength(201);
  await user.click(screen.getByRole("searchbox"));
  await user.paste("source number 9999");
  expect(screen.getAllByRole("row")).toHaveLength(2);
});

it.each([
  ["long", "x".repeat(500)],
  ["from right to left", "شركة ".repeat(100)],
  ["of pictures", "🚀".repeat(250)],
])("a name that is %s is cut in the drawing and whole for a screen reader", (_, name) => {
  const named = stateOf([node("s", 0, name), node("t", 1)], [edge("s", "t")]);
  function Named() {
    const picture = usePicture(named);
    return <GraphPanel state={named} picture={picture} onPreview={() => {}} />;
  }
  renderPart(<Named />);
  expect(document.querySelector('[data-node="s"] text')?.textContent?.length).toBeLessThan(80);
  expect(document.querySelector('[data-node="s"]')?.getAttribute("aria-label")).toContain(name);
});
