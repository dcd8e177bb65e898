// Small labelled pills. Colour repeats what the text says and never stands alone.
import { clsx } from "clsx";
import type { ReactNode } from "react";

export type BadgeTone = "neutral" | "good" | "warn" | "bad" | "source" | "ontology" | "agent";

const TONES: Record<BadgeTone, string> = {
  neutral: "border-line-strong text-soft",
  good: "border-good/40 tint-good text-good",
  warn: "border-warn/40 tint-warn text-warn",
  bad: "border-bad/40 tint-bad text-bad",
  source: "border-source/40 tint-source text-source",
  ontology: "border-ontology/40 tint-ontology text-ontology",
  agent: "border-agent/40 tint-agent text-agent",
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
