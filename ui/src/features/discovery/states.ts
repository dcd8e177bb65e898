// Where a proposal can stand, in tones.
import type { IntentState } from "@/api/types";
import type { StatusTone } from "@/ui/StatusDot";

export const TONES: Record<IntentState, StatusTone> = {
  proposed: "idle",
  checked: "good",
  discovered: "good",
  sampled: "warn",
  promoted: "good",
  rejected: "idle",
  failed: "bad",
};
