// Small labelled pills. Colour repeats what the text says and never stands alone.
import { clsx } from "clsx";
import type { ReactNode } from "react";

export type BadgeTone = "neutral" | "good" | "warn" | "bad" | "source" | "ontology" | "agent";

const TONES: Record<BadgeTone, string> = {
  neutral: "border-line-strong text-soft",
  good: "border-good/40 bg-good/10 text-good",
  warn: "border-warn/40 bg-warn/10 text-warn",
  bad: "border-bad/40 bg-bad/10 text-bad",
  source: "border-source/40 bg-source/10 text-source",
  ontology: "border-ontology/40 bg-ontology/10 text-ontology",
  agent: "border-agent/40 bg-agent/10 text-agent",
};

export function Badge({ tone = "neutral", children }: { tone?: BadgeTone; children: ReactNode }) {
  return (
    <span
      className={clsx(
        "inline-flex max-w-full items-center gap-1 truncate rounded-full border px-2 py-px text-xs font-semibold whitespace-nowrap",
        TONES[tone],
      )}
    >
      {children}
    </span>
  );
}
