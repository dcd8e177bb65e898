// Where a task can stand, and what kinds there are, in words and tones.
import type { TaskState } from "@/api/types";
import { words } from "@/lib/format";
import { text } from "@/text/orchestration";
import type { BadgeTone } from "@/ui/Badge";

type Look = { label: string; tone: BadgeTone; meaning: string };

const STATES: Record<TaskState, Look> = {
  queued: { label: text.queued, tone: "neutral", meaning: text.waitsForAWorkerForIts },
  in_progress: { label: text.inProgress, tone: "ontology", meaning: text.aWorkerIsDoingIt },
  success: { label: text.success, tone: "good", meaning: text.itWasDone },
  failed: { label: text.failed, tone: "bad", meaning: text.noAttemptSucceededItCanBe },
  canceled: { label: text.canceled, tone: "warn", meaning: text.somebodyStoppedItItCanBe },
};

export const TASK_STATES = Object.keys(STATES) as TaskState[];

export const lookOf = (state: TaskState): Look => STATES[state];

export const hasEnded = (state: TaskState): boolean => state !== "queued" && state !== "in_progress";

export const canRunAgain = (state: TaskState): boolean => state === "failed" || state === "canceled";

export const TASK_KINDS = Object.keys(text.kinds);

/** What a kind of task does, in words; one that is newer than these pages by its own name. */
export const kindWords = (kind: string): string => text.kinds[kind] ?? words(kind);
