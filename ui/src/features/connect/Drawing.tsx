// The drawing in its frame: followed by pointing, searched, zoomed, and saved as a file.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
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
import { type Pointed, Sankey } from "./sankey/Sankey";
import { type Trace, traceEdge, traceNode } from "./sankey/trace";
import { useLayout } from "./sankey/useLayout";
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
  const { scale, zoomTo } = useZoom(frame);
  const layout = useLayout(graph, width);
  const trace = useMemo((): Trace | null => {
    if (pointed?.kind === "node") return traceNode(graph.edges, pointed.node.id);
    if (pointed) return traceEdge(graph.edges, pointed.edge);
    return found.length === 0 ? null : { nodes: new Set(found.map((node) => node.id)), edges: new Set() };
  }, [pointed, graph, found]);

  const focusOn = useCallback((id: string) => {
    svg.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(id)}"]`)?.focus();
  }, []);
  // A node that was opened is no longer there; the focus goes to what stands in its place.
  const awaited = useRef<string | null>(null);
  useEffect(() => {
    if (!layout || awaited.current === null) return;
    const wanted = awaited.current;
    const next = layout.nodes.find(({ node }) => node.id === wanted || node.id.startsWith(`${wanted}#`));
    awaited.current = null;
    if (next) focusOn(next.node.id);
  }, [layout, focusOn]);

  const press = (key: string, id: string): boolean => {
    const node = state.nodes.find((candidate) => candidate.id === nodeOf(id));
    if (key === "f" && node && canOpen(node)) {
      awaited.current = node.id;
      toggle(node.id);
    } else if (key === "o") setOnly(id);
    else if (key === "+") zoomTo((before) => before * ZOOM_STEP);
    else if (key === "-") zoomTo((before) => before / ZOOM_STEP);
    else if (key === "0") zoomTo(() => 1);
    else return false;
    return true;
  };
  const fit = () => {
    const [wide, high] = [frame.current?.clientWidth ?? 0, window.innerHeight * FRAME_SHARE];
    if (layout && layout.height > 0) zoomTo(() => Math.min(wide / layout.width, high / layout.height));
  };
  const save = (kind: "svg" | "png") => {
    if (!svg.current) return;
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
        onZoom={(factor) => zoomTo((before) => (factor === 0 ? 1 : before * factor))}
        onFit={fit}
        onFocus={focusOn}
        onSave={save}
      />
      <div ref={frame} className={`overflow-auto px-3 pt-1 sm:px-5 ${tall ? "max-h-[85dvh]" : ""}`}>
        <div ref={place}>
          {layout ? (
            <Sankey
              layout={layout}
              edges={graph.edges}
              trace={trace}
              pointed={pointed}
              reads={colorBy === "freshness" ? reads : null}
              scale={scale}
              svg={svg}
              onPoint={setPointed}
              onOpen={onPreview}
              onKey={press}
            />
          ) : (
            <Loading label={text.layingOut} rows={8} />
          )}
        </div>
      </div>
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
