// How a connection does, in words and tones.
import type { Connection, ConnectionHealth } from "@/api/types";
import { text } from "@/text/connections";
import { outcomeWords } from "@/text/outcomes";
import type { StatusTone } from "@/ui/StatusDot";

export type Look = { label: string; tone: StatusTone };

const VERDICTS: Record<ConnectionHealth["verdict"], StatusTone> = {
  healthy: "good",
  degraded: "warn",
  failing: "bad",
  paused: "idle",
  unknown: "idle",
};

export const lookOfVerdict = (verdict: ConnectionHealth["verdict"]): Look => ({
  label: text.verdicts[verdict],
  tone: VERDICTS[verdict],
});

const STATUSES: Record<Connection["status"] | "awaits_confirmation", StatusTone> = {
  never_run: "idle",
  running: "good",
  ready: "good",
  failed: "bad",
  paused: "idle",
  safe_mode: "warn",
  awaits_confirmation: "warn",
};

/** Shows a ready connection whose last run left something behind as such. */
export function lookOfConnection(connection: Pick<Connection, "status" | "last_run">): Look {
  const outcome = connection.last_run?.outcome;
  if (connection.status === "ready" && outcome && !["success", "no_change"].includes(outcome)) {
    return { label: outcomeWords(outcome), tone: outcome === "unreachable" ? "bad" : "warn" };
  }
  return { label: text.statuses[connection.status], tone: STATUSES[connection.status] };
}
