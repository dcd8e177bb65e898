// What the colours of the links mean, and how the picture is used.
import { text } from "@/text/connect";
import { type ColorBy, FRESHNESS_COLORS, FRESHNESS_DASHES } from "./sankey/colors";
import type { Freshness } from "./sankey/freshness";

type Entry = { color: string; label: string; to?: string; dash?: string | undefined };

const BY_CONFIDENCE: Entry[] = [
  { color: "var(--source)", to: "var(--ontology)", label: text.mapped090AndAbove },
  { color: "var(--warn)", label: text.from070To089 },
  { color: "var(--bad)", label: text.below070 },
  { color: "var(--ontology)", to: "var(--agent)", label: text.usedByAnAgent },
];
const BY_FRESHNESS: Entry[] = (Object.keys(FRESHNESS_COLORS) as Freshness[]).map((freshness) => ({
  color: FRESHNESS_COLORS[freshness],
  dash: FRESHNESS_DASHES[freshness],
  label: text.freshness[freshness],
}));

export function Legend({ colorBy }: { colorBy: ColorBy }) {
  return (
    <div className="grid gap-2 text-sm text-soft">
      <ul className="flex flex-wrap gap-x-5 gap-y-1.5">
        {(colorBy === "freshness" ? BY_FRESHNESS : BY_CONFIDENCE).map((entry) => (
          <li key={entry.label} className="flex items-center gap-2">
            <Sample {...entry} />
            {entry.label}
          </li>
        ))}
      </ul>
      <p className="text-faint">{text.pointAtANodeOrLink}</p>
    </div>
  );
}

/** A short piece of such a link, in two halves where it runs from one colour to another. */
function Sample({ color, to = color, dash }: Entry) {
  return (
    <svg aria-hidden="true" width="36" height="8" strokeWidth="7" className="shrink-0 opacity-80">
      <path d="M0 4H18" stroke={color} strokeDasharray={dash} />
      <path d="M18 4H36" stroke={to} strokeDasharray={dash} strokeDashoffset={dash && 18} />
    </svg>
  );
}
