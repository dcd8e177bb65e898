// The seven ways a run can end, in words and tones.
import type { Outcome } from "@/api/types";
import { text } from "@/text/ledger";
import type { BadgeTone } from "@/ui/Badge";

type Look = { label: string; tone: BadgeTone; meaning: string };

const OUTCOMES: Record<Outcome, Look> = {
  success: { label: text.success, tone: "good", meaning: text.everythingThatWasReadLandedOr },
  no_change: { label: text.noChange, tone: "neutral", meaning: text.theSourceHeldNothingNew },
  partial: { label: text.partial, tone: "warn", meaning: text.someRecordsWereRejectedOrSome },
  suspicious_empty: {
    label: text.suspiciouslyEmpty,
    tone: "warn",
    meaning: text.theSourceUsedToHaveRecords,
  },
  throttled: { label: text.throttled, tone: "warn", meaning: text.theSourceAskedUsToSlow },
  unreachable: { label: text.unreachable, tone: "bad", meaning: text.theSourceCouldNotBeReached },
  failed: { label: text.failed, tone: "bad", meaning: text.theRunStoppedWithAnError },
};

const UNFINISHED: Look = {
  label: text.unfinished,
  tone: "neutral",
  meaning: text.theRunIsGoingOnOr,
};

export function lookOf(outcome: Outcome | null | undefined): Look {
  return outcome ? OUTCOMES[outcome] : UNFINISHED;
}
