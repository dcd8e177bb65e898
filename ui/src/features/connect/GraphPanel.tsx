// The picture and its other forms: drawing or table, the note on what is pointed at, and the legend.
import { ChartNetwork, Table2 } from "lucide-react";
import { useState } from "react";
import type { GraphState } from "@/api/types";
import { useWidth } from "@/lib/useSize";
import { text } from "@/text/connect";
import { Badge } from "@/ui/Badge";
import { tabClass } from "@/ui/Tabs";
import { GraphTable } from "./GraphTable";
import { PointedNote } from "./PointedNote";
import { layoutGraph } from "./sankey/layout";
import { type Pointed, Sankey } from "./sankey/Sankey";

type Props = { state: GraphState; onPreview: (nodeId: string) => void };

export function GraphPanel({ state, onPreview }: Props) {
  const [view, setView] = useState<"drawing" | "table">("drawing");
  return (
    <div>
      <header className="flex flex-wrap items-center justify-between gap-3 px-4 pt-4 pb-3 sm:px-5">
        <h2 className="font-bold">{text.fromSourcesToAgents}</h2>
        <fieldset className="flex gap-1">
          <legend className="sr-only">{text.showThePictureAs}</legend>
          <button
            type="button"
            className={tabClass(view === "drawing")}
            aria-pressed={view === "drawing"}
            onClick={() => setView("drawing")}
          >
            <ChartNetwork aria-hidden="true" className="size-4" /> {text.diagram}
          </button>
          <button
            type="button"
            className={tabClass(view === "table")}
            aria-pressed={view === "table"}
            onClick={() => setView("table")}
          >
            <Table2 aria-hidden="true" className="size-4" /> {text.table}
          </button>
        </fieldset>
      </header>
      {view === "drawing" ? (
        <Drawing state={state} onPreview={onPreview} />
      ) : (
        <GraphTable state={state} onPreview={onPreview} />
      )}
    </div>
  );
}

function Drawing({ state, onPreview }: Props) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const [pointed, setPointed] = useState<Pointed>(null);
  const loose = layoutGraph(state.nodes, state.edges, 1000).unconnected;
  return (
    <>
      <div className="overflow-x-auto px-3 pt-1 sm:px-5">
        <div ref={ref}>
          {width > 0 && (
            <Sankey state={state} width={width} pointed={pointed} onPoint={setPointed} onOpen={onPreview} />
          )}
        </div>
      </div>
      {loose.length > 0 && (
        <p className="flex flex-wrap items-center gap-2 px-5 pt-3 text-sm text-faint">
          {text.notConnectedYet}
          {loose.map((node) => (
            <button key={node.id} type="button" className="rounded-full" onClick={() => onPreview(node.id)}>
              <Badge>{node.label}</Badge>
            </button>
          ))}
        </p>
      )}
      <div className="mt-4 min-h-[5.25rem] border-t border-line px-5 py-4">
        {pointed ? <PointedNote pointed={pointed} state={state} /> : <Legend />}
      </div>
    </>
  );
}

const LINKS = [
  { color: "linear-gradient(90deg, var(--source), var(--ontology))", label: text.mapped090AndAbove },
  { color: "var(--warn)", label: text.from070To089 },
  { color: "var(--bad)", label: text.below070 },
  { color: "linear-gradient(90deg, var(--ontology), var(--agent))", label: text.usedByAnAgent },
];

function Legend() {
  return (
    <div className="grid gap-2 text-sm text-soft">
      <ul className="flex flex-wrap gap-x-5 gap-y-1.5">
        {LINKS.map((link) => (
          <li key={link.label} className="flex items-center gap-2">
            <span aria-hidden="true" className="h-2 w-7 rounded-full opacity-80" style={{ background: link.color }} />
            {link.label}
          </li>
        ))}
      </ul>
      <p className="text-faint">{text.pointAtANodeOrLink}</p>
    </div>
  );
}
