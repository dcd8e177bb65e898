// The seven ways a run can end, in words and tones.
import type { Outcome } from "@/api/types";
import type { BadgeTone } from "@/ui/Badge";

type Look = { label: string; tone: BadgeTone; meaning: string };

const OUTCOMES: Record<Outcome, Look> = {
  success: { label: "success", tone: "good", meaning: "Everything that was read landed or was already known." },
  no_change: { label: "no change", tone: "neutral", meaning: "The source held nothing new." },
  partial: { label: "partial", tone: "warn", meaning: "Some records were rejected or some tables could not be read." },
  suspicious_empty: {
    label: "suspiciously empty",
    tone: "warn",
    meaning: "The source used to have records and now shows none.",
  },
  throttled: { label: "throttled", tone: "warn", meaning: "The source asked us to slow down." },
  unreachable: { label: "unreachable", tone: "bad", meaning: "The source could not be reached." },
  failed: { label: "failed", tone: "bad", meaning: "The run stopped with an error." },
};

const UNFINISHED: Look = {
  label: "unfinished",
  tone: "neutral",
  meaning: "The run is going on, or the server ended before it did.",
};

export function lookOf(outcome: Outcome | null | undefined): Look {
  return outcome ? OUTCOMES[outcome] : UNFINISHED;
}
