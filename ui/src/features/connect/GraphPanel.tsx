// The picture and its other form: drawing or table, of the same nodes and links.
import { ChartNetwork, Table2 } from "lucide-react";
import { useMemo, useState } from "react";
import type { GraphState } from "@/api/types";
import { text } from "@/text/connect";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/States";
import { tabClass } from "@/ui/Tabs";
import { Drawing } from "./Drawing";
import { GraphTable } from "./GraphTable";
import { freshnessOfEdges } from "./sankey/freshness";
import type { Picture } from "./usePicture";

/** More nodes than these are nothing that can be looked at, and hold up the browser. */
const DRAWN_MAX = 5_000;

const VIEWS = [
  { name: "drawing", label: text.diagram, icon: ChartNetwork },
  { name: "table", label: text.table, icon: Table2 },
] as const;

type Props = {
  state: GraphState;
  picture: Picture;
  onPreview: (nodeId: string) => void;
};

export function GraphPanel({ state, picture, onPreview }: Props) {
  const [view, setView] = useState<"drawing" | "table">("drawing");
  const { edges } = picture.graph;
  const reads = useMemo(() => freshnessOfEdges(edges, Date.now()), [edges]);
  return (
    <div>
      <header className="flex flex-wrap items-center justify-between gap-3 px-4 pt-4 pb-3 sm:px-5">
        <h2 className="font-bold">{text.fromSourcesToAgents}</h2>
        <fieldset className="flex gap-1">
          <legend className="sr-only">{text.showThePictureAs}</legend>
          {VIEWS.map(({ name, label, icon: Icon }) => (
            <button
              key={name}
              type="button"
              className={tabClass(view === name)}
              aria-pressed={view === name}
              onClick={() => setView(name)}
            >
              <Icon aria-hidden="true" className="size-4" /> {label}
            </button>
          ))}
        </fieldset>
      </header>
      {view === "drawing" && picture.graph.nodes.length > DRAWN_MAX ? (
        <Empty
          icon={Table2}
          title={text.tooManyToDraw(picture.graph.nodes.length)}
          action={<Button onClick={() => setView("table")}>{text.table}</Button>}
        >
          {text.chooseAPart}
        </Empty>
      ) : view === "drawing" ? (
        <Drawing state={state} picture={picture} reads={reads} onPreview={onPreview} />
      ) : (
        <GraphTable picture={picture} reads={reads} onPreview={onPreview} />
      )}
    </div>
  );
}
