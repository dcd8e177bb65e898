// Where a task can stand, in words and tones.
import type { TaskState } from "@/api/types";
import type { BadgeTone } from "@/ui/Badge";

type Look = { label: string; tone: BadgeTone; meaning: string };

const STATES: Record<TaskState, Look> = {
  queued: { label: "queued", tone: "neutral", meaning: "Waits for a worker, for its time, or for its next attempt." },
  in_progress: { label: "in progress", tone: "ontology", meaning: "A worker is doing it." },
  success: { label: "success", tone: "good", meaning: "It was done." },
  failed: { label: "failed", tone: "bad", meaning: "No attempt succeeded; it can be run again." },
  canceled: { label: "canceled", tone: "warn", meaning: "Somebody stopped it; it can be run again." },
};

export const TASK_STATES = Object.keys(STATES) as TaskState[];

export const lookOf = (state: TaskState): Look => STATES[state];

export const hasEnded = (state: TaskState): boolean => state !== "queued" && state !== "in_progress";

export const canRunAgain = (state: TaskState): boolean => state === "failed" || state === "canceled";
