// The drawing in its frame: followed by pointing, searched, moved, zoomed, and saved as a file.
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { GraphState } from "@/api/types";
import { useWidth } from "@/lib/useSize";
import { text } from "@/text/connect";
import { Badge } from "@/ui/Badge";
import { Loading } from "@/ui/States";
import { toast } from "@/ui/toasts";
import { DrawingTools } from "./DrawingTools";
import { Legend } from "./Legend";
import { PointedNote } from "./PointedNote";
import type { ColorBy } from "./sankey/colors";
import { canOpen } from "./sankey/expand";
import { savePng, saveSvg } from "./sankey/exportPicture";
import type { Read } from "./sankey/freshness";
import { LARGE_NODES } from "./sankey/layout";
import { type Pointed, Sankey } from "./sankey/Sankey";
import { type Trace, traceEdge, traceNode } from "./sankey/trace";
import { useLayout } from "./sankey/useLayout";
import { usePan } from "./sankey/usePan";
import { useSight } from "./sankey/useSight";
import { useZoom, ZOOM_STEP } from "./sankey/useZoom";
import { nodeOf, type Picture } from "./usePicture";

/** A drawing higher than this scrolls in a frame of its own. */
const FRAME_ABOVE_PX = 1_100;
const FRAME_SHARE = 0.85;

type Props = { state: GraphState; picture: Picture; reads: Map<string, Read>; onPreview: (nodeId: string) => void };

export function Drawing({ state, picture, reads, onPreview }: Props) {
  const { graph, found, toggle, setOnly } = picture;
  const [place, width] = useWidth<HTMLDivElement>();
  const frame = useRef<HTMLDivElement>(null);
  const svg = useRef<SVGSVGElement>(null);
  const [pointed, setPointed] = useState<Pointed>(null);
  const [colorBy, setColorBy] = useState<ColorBy>("confidence");
  const { scale, zoomTo, reset } = useZoom(frame);
  const pan = usePan(frame);
  const layout = useLayout(graph, width);
  const part = useSight(frame, scale, layout !== null && layout.nodes.length > LARGE_NODES);
  const [held, setHeld] = useState<string | null>(null);
  const [whole, setWhole] = useState(false);
  const trace = useMemo((): Trace | null => {
    if (pointed?.kind === "node") return traceNode(graph.edges, pointed.node.id);
    if (pointed) return traceEdge(graph.edges, pointed.edge);
    return found.length === 0 ? null : { nodes: new Set(found.map((node) => node.id)), edges: new Set() };
  }, [pointed, graph, found]);

  // A node that was opened is no longer there, and one that is out of sight is not there yet; the focus waits for what it goes to.
  const awaited = useRef<string | null>(null);
  const focusOn = useCallback((id: string) => {
    const drawn = drawnNode(svg.current, id);
    awaited.current = drawn ? null : id;
    if (drawn) drawn.focus();
    else setHeld(id);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is held is drawn by now
  useEffect(() => {
    if (!layout || awaited.current === null) return;
    const wanted = awaited.current;
    const next = layout.nodes.find(({ node }) => node.id === wanted || node.id.startsWith(`${wanted}#`));
    awaited.current = null;
    if (next) focusOn(next.node.id);
  }, [layout, held, focusOn]);

  const press = (key: string, id: string): boolean => {
    const node = state.nodes.find((candidate) => candidate.id === nodeOf(id));
    if (key === "f" && node && canOpen(node)) {
      awaited.current = node.id;
      toggle(node.id);
    } else if (key === "o") setOnly(id);
    else return false;
    return true;
  };
  const pressFrame = (event: KeyboardEvent) => {
    pan.onKeyDown(event);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+") zoomTo((before) => before * ZOOM_STEP);
    else if (event.key === "-") zoomTo((before) => before / ZOOM_STEP);
    else if (event.key === "0") reset();
    else return;
    event.preventDefault();
  };
  const fit = () => {
    const [wide, high] = [frame.current?.clientWidth ?? 0, window.innerHeight * FRAME_SHARE];
    if (layout && layout.height > 0) zoomTo(() => Math.min(wide / layout.width, high / layout.height));
  };
  const save = (kind: "svg" | "png") => {
    if (!svg.current) return;
    // A file has the whole picture, also where only what is in sight is drawn; it is written down before anything is painted.
    flushSync(() => setWhole(true));
    setWhole(false);
    if (kind === "svg") saveSvg(svg.current, text.fileName);
    else savePng(svg.current, text.fileName).catch(() => toast.failed(new Error(text.pictureNotSaved)));
  };
  const tall = layout !== null && layout.height * scale > FRAME_ABOVE_PX;

  return (
    <>
      <DrawingTools
        picture={picture}
        state={state}
        colorBy={colorBy}
        onColorBy={setColorBy}
        scale={scale}
        onZoom={(factor) => zoomTo((before) => before * factor)}
        onReset={reset}
        onFit={fit}
        onFocus={focusOn}
        onSave={save}
      />
      <section
        ref={frame}
        aria-label={text.frameOfThePicture}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        {...pan}
        onKeyDown={pressFrame}
        className={`cursor-grab overflow-auto overscroll-x-contain px-3 pt-1 active:cursor-grabbing sm:px-5 ${tall ? "max-h-[85dvh]" : ""}`}
      >
        <div ref={place}>
          {layout ? (
            <Sankey
              layout={layout}
              edges={graph.edges}
              trace={trace}
              pointed={pointed}
              reads={colorBy === "freshness" ? reads : null}
              scale={scale}
              part={whole ? null : part}
              held={held}
              svg={svg}
              onPoint={setPointed}
              onHold={setHeld}
              onGo={focusOn}
              onOpen={onPreview}
              onKey={press}
            />
          ) : (
            <Loading label={text.layingOut} rows={14} />
          )}
        </div>
      </section>
      {layout && layout.unconnected.length > 0 && (
        <p className="flex flex-wrap items-center gap-2 px-5 pt-3 text-sm text-faint">
          {text.notConnectedYet}
          {layout.unconnected.map((node) => (
            <button key={node.id} type="button" className="max-w-full rounded-full" onClick={() => onPreview(node.id)}>
              <Badge>{node.label}</Badge>
            </button>
          ))}
        </p>
      )}
      <div className="mt-4 min-h-[5.25rem] border-t border-line px-5 py-4">
        {pointed ? <PointedNote pointed={pointed} graph={graph} reads={reads} /> : <Legend colorBy={colorBy} />}
      </div>
    </>
  );
}

function drawnNode(svg: SVGSVGElement | null, id: string): SVGGElement | null {
  return svg?.querySelector<SVGGElement>(`[data-node="${CSS.escape(id)}"]`) ?? null;
}
