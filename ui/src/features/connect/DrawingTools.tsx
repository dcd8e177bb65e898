// The tools of the drawing: search, colours, zoom, saving; and what of the picture is opened or left out, each with the way back.
import { Download, Maximize, Minus, Plus, X } from "lucide-react";
import { type ReactNode, useRef } from "react";
import type { GraphState } from "@/api/types";
import { text } from "@/text/connect";
import { Button } from "@/ui/Button";
import { inputClass } from "@/ui/Field";
import type { ColorBy } from "./sankey/colors";
import { ZOOM_STEP } from "./sankey/useZoom";
import { nodeOf, type Picture } from "./usePicture";

type Props = {
  picture: Picture;
  state: GraphState;
  colorBy: ColorBy;
  onColorBy: (colorBy: ColorBy) => void;
  scale: number;
  onZoom: (factor: number) => void;
  onReset: () => void;
  onFit: () => void;
  onFocus: (nodeId: string) => void;
  onSave: (kind: "svg" | "png") => void;
};

export function DrawingTools(props: Props) {
  const { picture, state, colorBy, onColorBy, scale, onZoom, onReset, onFit, onFocus, onSave } = props;
  return (
    <div className="grid gap-2 px-4 pb-3 text-sm sm:px-5">
      <div className="flex flex-wrap items-center gap-2">
        <Search picture={picture} onFocus={onFocus} />
        <select
          aria-label={text.colorLinksBy}
          className={`${inputClass} min-h-9 text-sm sm:w-52`}
          value={colorBy}
          onChange={(event) => onColorBy(event.target.value as ColorBy)}
        >
          <option value="confidence">{text.byConfidence}</option>
          <option value="freshness">{text.byFreshness}</option>
        </select>
        <fieldset className="flex items-center gap-1">
          <legend className="sr-only">{text.zoom}</legend>
          <Tool label={text.zoomOut} onClick={() => onZoom(1 / ZOOM_STEP)}>
            <Minus aria-hidden="true" className="size-4" />
          </Tool>
          <Tool label={text.fullSize} onClick={onReset}>
            <span className="num min-w-10">{text.percent(Math.round(scale * 100))}</span>
          </Tool>
          <Tool label={text.zoomIn} onClick={() => onZoom(ZOOM_STEP)}>
            <Plus aria-hidden="true" className="size-4" />
          </Tool>
          <Tool label={text.fit} onClick={onFit}>
            <Maximize aria-hidden="true" className="size-4" />
          </Tool>
        </fieldset>
        <fieldset className="flex items-center gap-1">
          <legend className="sr-only">{text.savePicture}</legend>
          {(["svg", "png"] as const).map((kind) => (
            <Tool key={kind} label={text.saveAs[kind]} onClick={() => onSave(kind)}>
              <Download aria-hidden="true" className="size-4" /> {kind.toUpperCase()}
            </Tool>
          ))}
        </fieldset>
      </div>
      <Choices picture={picture} state={state} />
    </div>
  );
}

function Tool({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <Button small aria-label={label} title={label} onClick={onClick} className="px-2.5">
      {children}
    </Button>
  );
}

/** Enter goes from one find to the next. */
function Search({ picture, onFocus }: { picture: Picture; onFocus: (nodeId: string) => void }) {
  const { search, found, setSearch } = picture;
  const next = useRef(0);
  return (
    <div role="search" className="flex min-w-44 flex-1 items-center gap-2 sm:max-w-60">
      <input
        type="search"
        aria-label={text.searchThePicture}
        placeholder={text.searchThePicture}
        className={`${inputClass} min-h-9 min-w-0 text-sm`}
        value={search}
        onChange={(event) => {
          next.current = 0;
          setSearch(event.target.value);
        }}
        onKeyDown={(event) => {
          const node = found[next.current % Math.max(1, found.length)];
          if (event.key !== "Enter" || !node) return;
          event.preventDefault();
          next.current += 1;
          onFocus(node.id);
        }}
      />
      <span aria-live="polite" className="num shrink-0 text-faint">
        {search.trim() !== "" && text.found(found.length)}
      </span>
    </div>
  );
}

function Choices({ picture, state }: { picture: Picture; state: GraphState }) {
  const { graph, only, opened, setOnly, toggle } = picture;
  const label = (id: string) => state.nodes.find((node) => node.id === nodeOf(id))?.label;
  const named = [...opened].filter((id) => label(id) !== undefined);
  if (only === null && named.length === 0) return null;
  return (
    <ul aria-label={text.whatIsShown} className="flex flex-wrap gap-2">
      {only !== null && (
        <Choice onClick={() => setOnly(null)}>
          {text.onlyWhatFlowsThrough(graph.nodes.find((node) => node.id === only)?.label ?? label(only) ?? only)}
        </Choice>
      )}
      {named.map((id) => (
        <Choice key={id} onClick={() => toggle(id)}>
          {text.fieldsOf(label(id) ?? id)}
        </Choice>
      ))}
    </ul>
  );
}

function Choice({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <li className="min-w-0">
      <button
        type="button"
        title={text.takeBack}
        onClick={onClick}
        className="flex min-h-8 max-w-full items-center gap-1.5 rounded-full border border-line-strong px-3 font-semibold hover:bg-raised"
      >
        <span className="truncate">{children}</span>
        <X aria-hidden="true" className="size-4 shrink-0 text-faint" />
        <span className="sr-only">{text.takeBack}</span>
      </button>
    </li>
  );
}
