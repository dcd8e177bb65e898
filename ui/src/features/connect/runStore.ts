// The current run, kept while pages change. Only the run's id outlives a reload; the server knows the rest.
import { useSyncExternalStore } from "react";
import type { ConnectRun, LiveMessage } from "@/api/types";
import { applyMessage, applyReport, beginRun, loseRun, type RunProgress } from "./runProgress";

const KEY = "aos.run";
const listeners = new Set<() => void>();
let current: RunProgress | null = null;

function set(next: RunProgress | null) {
  if (next === current) return;
  current = next;
  if (next && next.status !== "failed") sessionStorage.setItem(KEY, next.runId);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export const runStore = {
  /** Begins a run, unless its first messages were faster than the answer to the request. */
  begin(runId: string, sources: string[], nowMs: number) {
    const begun = beginRun(runId, sources, nowMs);
    if (current?.runId !== runId) return set(begun);
    const known = new Map(current.sources.map((source) => [source.source, source]));
    set({ ...current, sources: begun.sources.map((source) => known.get(source.source) ?? source) });
  },
  receive: (message: LiveMessage, nowMs: number) => set(applyMessage(current, message, nowMs)),
  adopt: (report: ConnectRun, nowMs: number) => set(applyReport(current, report, nowMs)),
  /** Ends a run that the server no longer knows, so that nobody waits for it. */
  lose(runId: string) {
    sessionStorage.removeItem(KEY);
    if (current?.runId === runId) set(loseRun(current));
  },
  /** Returns the id of this tab's last run, also after a reload. */
  lastRunId: () => current?.runId ?? sessionStorage.getItem(KEY),
  clear: () => set(null),
};

export function useRunProgress(): RunProgress | null {
  return useSyncExternalStore(subscribe, () => current);
}
