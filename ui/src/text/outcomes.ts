// The ways a read can end, in words.

const OUTCOMES: Record<string, string | undefined> = {
  success: "success",
  no_change: "no change",
  partial: "partial",
  suspicious_empty: "suspiciously empty",
  throttled: "throttled",
  unreachable: "unreachable",
  failed: "failed",
};

/** One that is newer than this page is told by its own name. */
export const outcomeWords = (outcome: string): string => OUTCOMES[outcome] ?? outcome;
