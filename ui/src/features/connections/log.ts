// The log of all connections: what was written down and how reads ended, in the order of time. Pure.
import type { ConnectionEvent, Run } from "@/api/types";
import { words } from "@/lib/format";
import { text } from "@/text/connections";
import { outcomeWords } from "@/text/outcomes";
import type { BadgeTone } from "@/ui/Badge";

export type Line = {
  id: string;
  at: string;
  connection: string;
  stream: string | null;
  label: string;
  tone: BadgeTone;
  message: string;
};

/** Puts events and reads in one order, the newest first. Reads older than the oldest event are left out while there are more events to come. */
export function logOf(events: ConnectionEvent[], runs: Run[], more: boolean): Line[] {
  const told = events.map(lineOfEvent);
  const oldest = told
    .map(({ at }) => Date.parse(at))
    .reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const read = runs.map(lineOfRun).filter(({ at }) => !more || Date.parse(at) >= oldest);
  return [...told, ...read].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

function lineOfEvent({ id, at, connection_id: connection, stream, kind, message }: ConnectionEvent): Line {
  return {
    id,
    at,
    connection,
    stream: stream || null,
    label: words(kind).toLowerCase(),
    tone: toneOfEvent(kind),
    message,
  };
}

function toneOfEvent(kind: string): BadgeTone {
  if (kind.endsWith("_raised") || kind.includes("open") || kind.includes("fail")) return "warn";
  return kind.endsWith("_cleared") || kind.includes("resume") ? "good" : "neutral";
}

const TONES: Partial<Record<NonNullable<Run["outcome"]>, BadgeTone>> = {
  success: "good",
  no_change: "neutral",
  unreachable: "bad",
  failed: "bad",
};

function lineOfRun(run: Run): Line {
  const { id, connection_id: connection, started_at, finished_at, outcome, landed, duplicate, rejected, error } = run;
  return {
    id,
    at: finished_at ?? started_at,
    connection,
    stream: null,
    label: outcome ? outcomeWords(outcome) : text.statuses.running,
    tone: outcome ? (TONES[outcome] ?? "warn") : "neutral",
    message: error ?? (outcome ? text.logRun.ended(landed, duplicate, rejected) : text.logRun.begun),
  };
}
