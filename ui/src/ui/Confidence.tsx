// How sure a mapping is: number, word and colour together, so that no reader depends on colour.
import { formatConfidence } from "@/lib/format";
import { text } from "@/text/parts";
import { Badge, type BadgeTone } from "./Badge";

export type ConfidenceBand = "high" | "medium" | "low";

const HIGH_MIN = 0.9;
const MEDIUM_MIN = 0.7;
const TONES: Record<ConfidenceBand, BadgeTone> = { high: "good", medium: "warn", low: "bad" };

export function confidenceBand(confidence: number): ConfidenceBand {
  if (confidence >= HIGH_MIN) return "high";
  return confidence >= MEDIUM_MIN ? "medium" : "low";
}

export function Confidence({ value }: { value: number }) {
  const band = confidenceBand(value);
  return (
    <Badge tone={TONES[band]}>
      <span className="num">{formatConfidence(value)}</span> {text.confidence[band]}
    </Badge>
  );
}
