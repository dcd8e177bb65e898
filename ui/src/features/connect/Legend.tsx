// What the colours of the links mean, and how the picture is used.
import { text } from "@/text/connect";
import { type ColorBy, FRESHNESS_COLORS } from "./sankey/colors";
import type { Freshness } from "./sankey/freshness";

type Entry = { color: string; label: string };

const BY_CONFIDENCE: Entry[] = [
  { color: "linear-gradient(90deg, var(--source), var(--ontology))", label: text.mapped090AndAbove },
  { color: "var(--warn)", label: text.from070To089 },
  { color: "var(--bad)", label: text.below070 },
  { color: "linear-gradient(90deg, var(--ontology), var(--agent))", label: text.usedByAnAgent },
];
const BY_FRESHNESS: Entry[] = (Object.keys(FRESHNESS_COLORS) as Freshness[]).map((freshness) => ({
  color: FRESHNESS_COLORS[freshness],
  label: text.freshness[freshness],
}));

export function Legend({ colorBy }: { colorBy: ColorBy }) {
  return (
    <div className="grid gap-2 text-sm text-soft">
      <ul className="flex flex-wrap gap-x-5 gap-y-1.5">
        {(colorBy === "freshness" ? BY_FRESHNESS : BY_CONFIDENCE).map(({ color, label }) => (
          <li key={label} className="flex items-center gap-2">
            <span aria-hidden="true" className="h-2 w-7 rounded-full opacity-80" style={{ background: color }} />
            {label}
          </li>
        ))}
      </ul>
      <p className="text-faint">{text.pointAtANodeOrLink}</p>
    </div>
  );
}
