import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { graphOf, stateOf } from "@/test/graph";
import { renderPart } from "@/test/render";
import { GraphPanel } from "./GraphPanel";
import { usePicture } from "./usePicture";

const saved: Blob[] = [];

beforeEach(() => {
  // jsdom keeps no files, so what is handed to the browser is kept here.
  saved.length = 0;
  vi.stubGlobal(
    "URL",
    class extends URL {
      static override createObjectURL(file: Blob) {
        saved.push(file);
        return "#saved";
      }
      static override revokeObjectURL() {}
    },
  );
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

function draw(sources: number, onPreview: (id: string) => void = () => {}) {
  const { nodes, edges } = graphOf(sources);
  const state = stateOf(nodes, edges);
  function Panel() {
    return <GraphPanel state={state} picture={usePicture(state)} onPreview={onPreview} />;
  }
  const user = renderPart(<Panel />);
  return { user, nodes };
}

const shown = () => [...document.querySelectorAll("[data-node]")].map((part) => part.getAttribute("data-node"));
const frame = () => screen.getByRole("region", { name: /^The picture/ });
const width = () => Number(document.querySelector("svg[role=group]")?.getAttribute("width"));

describe("a large picture", () => {
  it("is drawn where it is in sight, and says so", () => {
    const { nodes } = draw(300);
    expect(shown().length).toBeGreaterThan(30);
    expect(shown().length).toBeLessThan(nodes.length / 3);
    expect(screen.getByRole("group", { name: /^Picture of 905 nodes.*the table lists all of it/ })).toBeInTheDocument();
  });

  it("brings the focus to what is found out of sight, and lets it walk on from there", async () => {
    const { user } = draw(300);
    const far = ["s299", "s0", "s150"].find((id) => !shown().includes(id)) ?? "";
    await user.type(screen.getByRole("searchbox"), `source number ${far.slice(1)}`);
    await user.keyboard("{Enter}");
    expect(document.activeElement).toHaveAttribute("data-node", far);
    await user.keyboard("{ArrowRight}");
    expect(document.activeElement?.getAttribute("data-node")).toMatch(new RegExp(`^${far}_`));
  });

  it("is saved whole", async () => {
    const { user, nodes } = draw(300);
    await user.click(screen.getByRole("button", { name: "Save as SVG" }));
    const [file] = saved;
    const svg = await new Promise<string>((done) => {
      const reader = new FileReader();
      reader.onload = () => done(String(reader.result));
      reader.readAsText(file as Blob);
    });
    expect(svg.match(/data-node=/g)).toHaveLength(nodes.length);
    expect(svg.match(/<text[^>]*lengthAdjust/g)).toHaveLength(nodes.length);
    expect(shown().length).toBeLessThan(nodes.length / 3);
  });
});

describe("the frame", () => {
  it("is moved by dragging, and what is dragged over is not pressed", () => {
    const onPreview = vi.fn();
    draw(3, onPreview);
    const [at, node] = [frame(), document.querySelector('[data-node="s0"]') as Element];
    at.setPointerCapture = () => {};
    // jsdom makes no pointer events.
    const point = (type: string, init: MouseEventInit) =>
      fireEvent(
        node,
        Object.assign(new MouseEvent(type, { bubbles: true, ...init }), { pointerType: "mouse", pointerId: 1 }),
      );
    point("pointerdown", { clientX: 200, clientY: 200 });
    point("pointermove", { buttons: 1, clientX: 150, clientY: 120 });
    expect([at.scrollLeft, at.scrollTop]).toEqual([50, 80]);
    fireEvent.click(node);
    expect(onPreview).not.toHaveBeenCalled();
    point("pointerdown", { clientX: 200, clientY: 200 });
    point("pointermove", { buttons: 1, clientX: 202, clientY: 201 });
    fireEvent.click(node);
    expect(onPreview).toHaveBeenCalledExactlyOnceWith("s0");
  });

  it("is moved, zoomed and taken back by keys, with the focus where it was", async () => {
    const { user } = draw(3);
    const node = document.querySelector<SVGGElement>('[data-node="s0"]');
    node?.focus();
    const before = width();
    await user.keyboard("{Shift>}{ArrowDown}{ArrowRight}{/Shift}");
    expect([frame().scrollLeft, frame().scrollTop]).toEqual([120, 120]);
    await user.keyboard("++");
    expect(width()).toBe(Math.ceil(before * 1.25 * 1.25));
    await user.keyboard("0");
    expect([width(), frame().scrollLeft, frame().scrollTop]).toEqual([before, 0, 0]);
    expect(node).toHaveFocus();
  });

  it("is zoomed by two fingers and by the wheel with Ctrl, and by nothing else", async () => {
    draw(3);
    const before = width();
    const touches = (apart: number) => ({
      touches: [
        { clientX: 100, clientY: 100 },
        { clientX: 100 + apart, clientY: 100 },
      ],
    });
    fireEvent.touchStart(frame(), touches(50));
    fireEvent.touchMove(frame(), touches(100));
    fireEvent.touchEnd(frame(), { touches: [] });
    await vi.waitFor(() => expect(width()).toBe(before * 2));
    fireEvent.touchMove(frame(), { touches: [{ clientX: 0, clientY: 0 }] });
    fireEvent.wheel(frame(), { deltaY: 500 });
    fireEvent.wheel(frame(), { deltaY: Math.log(2) / 0.004, ctrlKey: true });
    await vi.waitFor(() => expect(width()).toBe(before));
  });
});

it("tells old from fresh by the kind of the line as well as by its colour", async () => {
  const { nodes, edges } = graphOf(1);
  const [fresh, old] = [
    edges.find((edge) => edge.target === "s0_first"),
    edges.find((edge) => edge.target === "s0_second"),
  ];
  if (fresh) fresh.read = { at: new Date().toISOString(), stale_after_s: 60 };
  if (old) old.read = { at: "2020-01-01T00:00:00Z", stale_after_s: 60 };
  const state = stateOf(nodes, edges);
  function Panel() {
    return <GraphPanel state={state} picture={usePicture(state)} onPreview={() => {}} />;
  }
  const user = renderPart(<Panel />);
  await user.selectOptions(screen.getByLabelText("Colour the links by"), "freshness");
  const line = (id: string) => document.querySelector(`[data-edge="${id}"]`);
  expect(line("s0>s0_first")).not.toHaveAttribute("stroke-dasharray");
  expect(line("s0>s0_second")).toHaveAttribute("stroke-dasharray");
  const samples = screen.getByText("not read for long").querySelectorAll("path");
  expect(samples[0]?.getAttribute("stroke-dasharray")).toBe(line("s0>s0_second")?.getAttribute("stroke-dasharray"));
});
